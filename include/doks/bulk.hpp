#pragma once

#include <doks/abi.hpp>
#include <doks/call_options.hpp>
#include <doks/cluster.hpp>
#include <doks/failure.hpp>
#include <doks/impl/handlers.hpp>
#include <doks/kubeconfig.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace doks {

namespace api {
class bulk_state;
}

/// Returns a stored kubeconfig that need not be fetched, or nothing.
using freshness = std::function<std::optional<kubeconfig>(const std::string& cluster_id)>;

/// Options of a bulk.
struct bulk_options
{
    /// As in `call_options`.
    std::chrono::seconds expiry{0};
    credential_type type = credential_type::token;
    /// Called for each id before it is fetched, from within `next()`, on its caller's thread.
    freshness fresh = nullptr;
    /// The most ids under way at once. An outcome counts until `next()` has returned it.
    std::size_t in_flight = 64;
    /// The longest time for one id, waiting for quota not included. 0 is the client's default, 60 s.
    std::chrono::steady_clock::duration timeout{0};
    /// The most attempts for causes that are likely to pass.
    unsigned attempts = 10;
    /// Slots of the shortest rate window that the bulk leaves to single calls on the same token. By default a
    /// twenty-fifth of the window, 10 of 250; 0 is right where nothing else uses the token.
    std::optional<std::size_t> reserved_slots = std::nullopt;
};

/// The outcome for one id.
struct bulk_item
{
    doks::cluster cluster; ///< as listed; only its id where the bulk was given ids
    std::string label;     ///< the client's
    result<doks::kubeconfig> outcome = failure();
    bool fresh = false; ///< the outcome is from `bulk_options::fresh`, and nothing was fetched
};

/** Counts of a bulk, readable at any moment.

    `total` is the sum of fetched, fresh, not_ready, gone, failed and the outcomes that are still to come.
*/
struct bulk_summary
{
    std::size_t total = 0;
    std::size_t fetched = 0;
    std::size_t fresh = 0;
    std::size_t not_ready = 0; ///< 404s of clusters that are being provisioned
    std::size_t gone = 0;      ///< 404s of clusters that the API does not know (`is_absent`)
    std::size_t failed = 0;
    std::size_t in_flight = 0;
    std::size_t retries = 0;
    /// The quota as of the last response, and when the next slot is free if ids wait for one.
    rate_limit_snapshot rate_limit;
    std::optional<std::chrono::steady_clock::time_point> waiting_until;

    std::size_t done() const noexcept { return fetched + fresh + not_ready + gone + failed; }
};

/** A stream of kubeconfigs in the order in which they complete: one outcome for each distinct id.

    A handle that can be moved and not copied. The first `next()` starts it. It holds at most `in_flight` outcomes that were
    not read, so a slow reader slows the fetching down. An API token that is refused for good ends its own ids with
    `token_refused`; ids of other clients that were added go on.
    @par Executor
    A handler runs on its associated executor, else on the client's; on the system executor for an empty bulk.
    @par Cancellation
    terminal, partial and total alike end that `next()` only. `stop` ends the rest in good order: every id still has an
    outcome. Destroying the bulk cancels what is in flight.
    @par Thread safety
    One thread at a time; `summary` and `stop` from any.
*/
class bulk
{
public:
    bulk();
    bulk(bulk&&) noexcept;
    bulk& operator=(bulk&&) noexcept;
    ~bulk();

    /** Joins the other bulk's ids into this stream, before or after the first `next()` of this one.

        @throws failure with `invalid_argument` if the other one was read from already
    */
    void add(bulk other);

    /** The next outcome; nothing once every id had its own. One `next()` or `try_next()` at a time.

        @par Completion
        `void(std::exception_ptr, std::optional<bulk_item>)`
        @throws boost::system::system_error with operation_aborted if it is cancelled; the bulk stays usable
        @par Executor, cancellation, thread safety
        As for the class.
    */
    template <class Token = boost::asio::use_awaitable_t<>> auto next(Token&& token = {})
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr, std::optional<bulk_item>)>(
            [self = this](auto handler) {
                const auto executor = impl::executor_of(handler, boost::asio::system_executor());
                self->start_next(next_handler(std::move(handler)), executor);
            },
            token);
    }

    /** As `next`, with the completion signature `void(result<std::optional<bulk_item>>)`. The only failure is `cancelled`;
        it says nothing about an id. */
    template <class Token = boost::asio::use_awaitable_t<>> auto try_next(Token&& token = {})
    {
        using item = std::optional<bulk_item>;
        return boost::asio::async_initiate<Token, void(result<item>)>(
            [self = this](auto handler) {
                const auto executor = impl::executor_of(handler, boost::asio::system_executor());
                using adapted = impl::trying_handler<item, decltype(handler)>;
                self->start_next(next_handler(adapted{std::move(handler)}), executor);
            },
            token);
    }

    bulk_summary summary() const;

    /** Starts no further id. Requests in flight may end within `grace` and are cancelled then; ids that had no turn end
        with `stopped`. */
    void stop(std::chrono::steady_clock::duration grace);

private:
    friend class client;
    using next_handler = boost::asio::any_completion_handler<void(std::exception_ptr, std::optional<bulk_item>)>;

    explicit bulk(std::shared_ptr<api::bulk_state> state);
    void start_next(next_handler handler, const boost::asio::any_io_executor& executor);

    std::shared_ptr<api::bulk_state> state_;
};

}
