#pragma once

#include <doks/abi.hpp>
#include <doks/client.hpp>
#include <doks/impl/handlers.hpp>
#include <doks/kubeconfig_directory.hpp>
#include <doks/stream.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks {

namespace api {
class keeper_state;
}

/// Options for `keeper`.
struct keeper_options
{
    /// The lifetime of credentials, unless a call names another; 0 leaves it to the API: 7 days.
    std::chrono::seconds expiry{0};
    /// How long before its expiry a credential is renewed; 0 is a fifth of the lifetime, and half of it is the most.
    /// Renewals spread over the first half of the margin.
    std::chrono::seconds margin{0};
    /** Where credentials of this expiry outlive the process, and where other processes share them. Default: nowhere.

        Kept credentials that are valid are on disk, too: a file that is missing or changed is written again within
        seconds, and a directory that was removed or replaced is opened again. While the directory takes no files,
        nothing is renewed in the background; a call that needs a credential still has one minted. Of the keepers and
        processes that share a directory one mints a credential while the others wait for it, a call for 30 s at most.
    */
    std::optional<kubeconfig_directory> store = std::nullopt;
    /// Renewals under way at once.
    std::size_t in_flight = 16;
    /// Credentials that are cached without being kept; beyond that the least recently used goes.
    std::size_t max_entries = 10'000;
    /// Slots of the shortest rate window that renewals never take, as in `bulk_options`.
    std::optional<std::size_t> reserved_slots = std::nullopt;
};

/// The outcome of renewing a credential that is kept.
enum class renewal_status
{
    renewed, ///< `config` is a new credential, or the first; if there is a directory, it is stored there
    failing, ///< renewing has begun to fail, and is tried again
    gone,    ///< the API answered 404 for half an hour or longer, and no credential is valid; it is asked now and then
    not_stored, ///< the credential is cached, but the directory did not take it; that is tried again
};

std::string_view to_string(renewal_status status) noexcept;

/// News of a credential that is kept.
struct renewal_event
{
    std::string id;
    renewal_status status = renewal_status::renewed;
    std::optional<kubeconfig> config; ///< a credential that was not published before: renewed, or not stored
    failure error;                    ///< clear if it was renewed
    /// The expiry of the credential that is cached; nothing if there is none, or if it does not expire.
    std::optional<std::chrono::system_clock::time_point> valid_until;
};

/// Counts of a keeper: `minted`, `saved` and `served_stale` since it was made, the others of now.
struct keeper_stats
{
    std::size_t minted = 0;       ///< credentials that the API made for it
    std::size_t saved = 0;        ///< calls that needed no new one: from memory, the directory, or a shared request
    std::size_t served_stale = 0; ///< of these, calls while renewing was failing
    std::size_t held = 0;         ///< credentials that are valid, kept or not
    std::size_t kept = 0;         ///< ids
    std::size_t valid = 0;        ///< of the ids that are kept, those with a valid credential
    std::size_t unstored = 0;     ///< of these, those whose credential is not in the directory
    std::size_t failing = 0;      ///< ids that are kept and cannot be renewed now
    std::size_t in_flight = 0;    ///< renewals
};

/** Caches credentials and renews them ahead of their expiry, minting as few as possible.

    A cheap handle that can be copied. When the last one is destroyed, what is under way is cancelled and calls that wait
    end with `stopped`. One request serves all calls for the same cluster, type and expiry. The old credential is returned
    while it is valid, an expired one never is, even after a clock change or a suspend. A new API token does not
    invalidate what is cached. While ids are kept the client's executor has work. A cached credential is returned in under a
    microsecond.
    @par Errors as the client's calls
    @par Cancellation total; it ends one call, and the request goes on for the others and for the next call
    @par Thread safety all functions may be called on any thread; handlers run on their associated executors, by default
         the client's
*/
class keeper
{
public:
    /// @throws failure `invalid_argument` that names the option
    explicit keeper(client from, keeper_options options = {});

    /** A kubeconfig that is valid now.

        @par Completion signature `void(std::exception_ptr, kubeconfig)`
        @throws failure
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto kubeconfig(std::string_view id, call_options options = {}, Token&& token = {}) const
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr, doks::kubeconfig)>(
            [self = *this](auto handler, short_id cluster_id, call_options with) {
                using throwing = impl::throwing_handler<doks::kubeconfig, decltype(handler)>;
                self.give(cluster_id, with, throwing{std::move(handler)});
            },
            token, short_id(id), options);
    }

    /// The same with the signature `void(result<kubeconfig>)`: only bad_alloc is thrown.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_kubeconfig(std::string_view id, call_options options = {}, Token&& token = {}) const
    {
        return boost::asio::async_initiate<Token, void(result<doks::kubeconfig>)>(
            [self = *this](auto handler, short_id cluster_id, call_options with) {
                self.give(cluster_id, with, std::move(handler));
            },
            token, short_id(id), options);
    }

    /// A cached credential that is valid, without waiting and without a request.
    std::optional<doks::kubeconfig> held(std::string_view id, call_options options = {}) const;

    /// The cluster refuses its credential: the next call mints another, and an id that is kept is renewed now.
    void invalidate(std::string_view id) const;
    /// The same if this credential is still the cached one: a late complaint about an earlier one changes nothing.
    void invalidate(const doks::kubeconfig& refused) const;

    /** From now on keeps these ids, and no others: fetches them, and renews them in the background.

        @param ids      ids that a new listing names, for example, so that their clusters exist: an id for which the API
                        answered 404 is asked for at once, and is gone only after more 404s
        @param unlisted ids that are kept without such evidence, for example because a new listing lacks them: 404s from
                        before and after add up
        A 404 takes no credential away before it expires. With a store, lost files are looked for at once. Stop keeping an id
        before you erase its file, for the file of an id that is kept is written again.
        @throws failure `invalid_argument` that names an id which cannot be one
    */
    void keep(std::vector<std::string> ids, std::vector<std::string> unlisted = {}) const;

    /// News of the ids that are kept. It begins with what is cached now, and ends with the keeper.
    stream<renewal_event> changes() const;

    keeper_stats stats() const;

    /** Begins nothing more. What is under way may end, and be stored, within `bound`; then it is cancelled.

        From now on every call fails with `stopped`.
        @par Completion signature `void()`, when nothing is under way any more
        @par Cancellation none; the bound ends it
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto drain(std::chrono::steady_clock::duration bound, Token&& token = {}) const
    {
        return boost::asio::async_initiate<Token, void()>(
            [self = *this](auto handler, std::chrono::steady_clock::duration timeout) {
                self.start_drain(timeout, boost::asio::any_completion_handler<void()>(std::move(handler)));
            },
            token, bound);
    }

private:
    /// A cluster's id on its way: copied without an allocation, and longer than one may be where it is too long.
    class short_id
    {
    public:
        explicit short_id(std::string_view id) noexcept
            : size_(id.copy(text_, sizeof text_))
        {}
        std::string_view view() const noexcept { return {text_, size_}; }

    private:
        char text_[129];
        std::size_t size_;
    };
    struct owner;

    template <class Handler> void give(const short_id& id, const call_options& options, Handler handler) const
    {
        auto found = held(id.view(), options);
        if (!found)
            return start_kubeconfig(id.view(), options,
                boost::asio::any_completion_handler<void(result<doks::kubeconfig>)>(std::move(handler)));
        const auto on = boost::asio::get_associated_executor(handler, executor());
        boost::asio::post(on, [who = std::move(handler), config = std::move(*found)]() mutable {
            std::move(who)(result<doks::kubeconfig>(std::move(config)));
        });
    }

    const boost::asio::any_io_executor& executor() const noexcept;
    void start_kubeconfig(std::string_view id, const call_options& options,
        boost::asio::any_completion_handler<void(result<doks::kubeconfig>)> handler) const;
    void start_drain(std::chrono::steady_clock::duration bound, boost::asio::any_completion_handler<void()>) const;

    std::shared_ptr<const owner> owner_;
};

}
