#pragma once

#include <doks/abi.hpp>
#include <doks/call_options.hpp>
#include <doks/cluster.hpp>
#include <doks/failure.hpp>
#include <doks/impl/handlers.hpp>
#include <doks/kubeconfig.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace doks {

namespace api {
class bulk_state;
}

/// A kubeconfig that is at hand and need not be fetched, or nothing.
using freshness = std::function<std::optional<kubeconfig>(const std::string& cluster_id)>;

/// How a bulk fetches.
struct bulk_options
{
    /// As in `call_options`.
    std::chrono::seconds expiry{0};
    credential_type type = credential_type::token;
    /// Asked for each id before it is fetched, from within `next()`, on its caller's executor.
    freshness fresh = nullptr;
    /// How many ids are under way at once; results that nobody has taken yet count too.
    std::size_t in_flight = 64;
    /// Each id's own deadline; it does not run while the id waits for quota. 0 is the client's default, 60 s.
    std::chrono::steady_clock::duration timeout{0};
    /// Attempts for causes that are likely to pass.
    unsigned attempts = 10;
    /// Slots of the shortest rate window that the bulk never takes, so that single calls on the same token find some.
    /// Without a value a twenty-fifth of it, 10 of 250; 0 where nothing else uses the token.
    std::optional<std::size_t> reserved_slots = std::nullopt;
};

/** The outcome for one id.

    Shape: `cluster` is as listed, or holds the id alone where ids were given. `label` is the client's. `fresh`: the
    outcome came from `bulk_options::fresh`, and nothing was fetched.
*/
struct bulk_item
{
    doks::cluster cluster;
    std::string label;
    result<doks::kubeconfig> outcome = failure();
    bool fresh = false;
};

/** Counts of a bulk, readable at any moment.

    Shape: total = fetched + fresh + not_ready + gone + failed + what is still to come. `not_ready` and `gone` are 404s:
    of a cluster that is being provisioned, and of one that the API does not know (`is_absent`).
*/
struct bulk_summary
{
    std::size_t total = 0;
    std::size_t fetched = 0;
    std::size_t fresh = 0;
    std::size_t not_ready = 0;
    std::size_t gone = 0;
    std::size_t failed = 0;
    std::size_t in_flight = 0;
    std::size_t retries = 0;
    /// Quota as of the last response, and when the next slot is free where ids wait for one.
    rate_limit_snapshot rate_limit;
    std::optional<std::chrono::steady_clock::time_point> waiting_until;

    std::size_t done() const noexcept { return fetched + fresh + not_ready + gone + failed; }
};

/** A stream of kubeconfigs in the order in which they complete: one outcome for each distinct id.

    Shape: a handle; it is moved, not copied. It fetches from the first `next()` on, and holds at most `in_flight`
    results that nobody took: a slow reader slows the fetching down. An API token that is refused for good ends its own
    ids with `token_refused`; other clients' ids that were added go on.
    Cancel: cancelling a `next()` gives up that wait only. `stop` ends the rest in good order: every id still has its
    outcome. Destroying the bulk cancels what is in flight.
    Threads: one at a time; `summary`, `stop` from any.
*/
class bulk
{
public:
    bulk();
    bulk(bulk&&) noexcept;
    bulk& operator=(bulk&&) noexcept;
    ~bulk();

    /// Joins the other bulk's ids into this stream; before or after the first `next()`.
    void add(bulk other);

    /** The next outcome; nothing once every id had its own.

        Errors: throws `boost::system::system_error` with operation_aborted if cancelled; the bulk stays usable.
    */
    template <class Token = boost::asio::use_awaitable_t<>> auto next(Token&& token = {})
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr, std::optional<bulk_item>)>(
            [self = this](auto handler) {
                const auto on = executor_of(handler);
                self->start_next(next_handler(std::move(handler)), on);
            },
            token);
    }

    /// The same as a `result`; the failure is `cancelled`, and says nothing of an id.
    template <class Token = boost::asio::use_awaitable_t<>> auto try_next(Token&& token = {})
    {
        using item = std::optional<bulk_item>;
        return boost::asio::async_initiate<Token, void(result<item>)>(
            [self = this](auto handler) {
                const auto on = executor_of(handler);
                self->start_next(next_handler(impl::trying_handler<item, decltype(handler)>{std::move(handler)}), on);
            },
            token);
    }

    bulk_summary summary() const;

    /** No id is begun any more. What is in flight may end within `grace` and is cancelled then; ids that had no turn
        end with `stopped`. */
    void stop(std::chrono::steady_clock::duration grace);

private:
    friend class client;
    using next_handler = boost::asio::any_completion_handler<void(std::exception_ptr, std::optional<bulk_item>)>;

    explicit bulk(std::shared_ptr<api::bulk_state> own);
    void start_next(next_handler handler, const boost::asio::any_io_executor& on);

    /// Where an empty bulk ends: there is no client whose executor could serve.
    template <class Handler> static boost::asio::any_io_executor executor_of(const Handler& of)
    {
        auto on = boost::asio::get_associated_executor(of);
        if constexpr (std::is_convertible_v<decltype(on), boost::asio::any_io_executor>)
            return on;
        else
            return boost::asio::system_executor();
    }

    std::shared_ptr<api::bulk_state> state_;
};

}
