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

/// How a keeper keeps.
struct keeper_options
{
    /// How long the credentials live, where a call does not say so itself; 0 leaves it to the API: 7 days.
    std::chrono::seconds expiry{0};
    /// How long before its expiry a credential is renewed; 0 is a fifth of its life, and half of it is the most. The
    /// moments spread over the first half of the margin.
    std::chrono::seconds margin{0};
    /** Where credentials of this expiry outlive the process, and other processes share them; none: they do not.

        What is kept and valid is on disk, too: a file that is missing or changed is written again within seconds, and a
        directory that was removed or replaced is opened again. While the directory takes no files, nothing is renewed
        in the background; a call that needs a credential still has one minted.
    */
    std::optional<kubeconfig_directory> store = std::nullopt;
    /// Renewals under way at once.
    std::size_t in_flight = 16;
    /// Credentials held that nobody asked to keep; beyond that the one least recently used goes.
    std::size_t most = 10'000;
    /// Slots of the shortest rate window that renewals never take, as in `bulk_options`.
    std::optional<std::size_t> reserved_slots = std::nullopt;
};

/// What became of a credential that is kept.
enum class renewal_status
{
    renewed,    ///< `config` is a new one, or the first; where there is a directory, it is there
    failing,    ///< renewing has begun to fail; it goes on being tried
    gone,       ///< the API's 404 for half an hour or longer, and no credential is valid; asked about now and then
    not_stored, ///< the credential is held, but it is not in the directory, which did not take it; that is tried again
};

std::string_view to_string(renewal_status status) noexcept;

/** News of a credential that is kept.

    Shape: `config` is there where it is a new one: renewed, or not stored and not told of before; `error` says what is
    wrong, unless it was renewed. `valid_until`: until when the credential that is held serves; nothing where none is,
    or where it does not expire.
*/
struct renewal_event
{
    std::string id;
    renewal_status status = renewal_status::renewed;
    std::optional<kubeconfig> config;
    failure error;
    std::optional<std::chrono::system_clock::time_point> valid_until;
};

/** Counts of a keeper since it was made, and what it holds now.

    Shape: `minted` credentials the API made for it, `saved` times one was given without making one, from memory, from the
    directory or by joining a request under way; `served_stale` of these came while renewing was failing. Of the ids that
    are `kept`, `valid` have a credential that serves, `unstored` of these are not in the directory, and
    renewing is `failing` for so many; `held` counts what nobody keeps, too.
*/
struct keeper_stats
{
    std::size_t minted = 0;
    std::size_t saved = 0;
    std::size_t served_stale = 0;
    std::size_t held = 0;
    std::size_t kept = 0;
    std::size_t valid = 0;
    std::size_t unstored = 0;
    std::size_t failing = 0;
    std::size_t in_flight = 0;
};

/** Holds credentials and keeps them fresh, minting as few as possible.

    Shape: a cheap copyable handle; the last one going ends it: what is under way is cancelled, and who waits hears
    `stopped`. One request serves all who ask for the same cluster, type and expiry; a credential is renewed ahead of its
    expiry, the old one serves while it is valid, and one that has expired is never given. Time is counted by a clock that
    runs on while the machine sleeps and that nobody sets. Another API token changes nothing for what is held.
    Errors: as the client's calls. Cancel: ends that wait only; the request goes on for others, and for the next.
    Threads: any; handlers run on their own executor.
    Cost: giving what is held takes less than a microsecond. While ids are kept the client's executor has work.
*/
class keeper
{
public:
    /// Throws `failure` (`invalid_argument`) that names the option at fault.
    explicit keeper(client from, keeper_options options = {});

    /// A kubeconfig that is valid now; throws `failure`.
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

    /// The same as a `result`; throws for nothing but bad_alloc.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_kubeconfig(std::string_view id, call_options options = {}, Token&& token = {}) const
    {
        return boost::asio::async_initiate<Token, void(result<doks::kubeconfig>)>(
            [self = *this](auto handler, short_id cluster_id, call_options with) {
                self.give(cluster_id, with, std::move(handler));
            },
            token, short_id(id), options);
    }

    /// What is held and valid, at once and without asking anybody.
    std::optional<doks::kubeconfig> held(std::string_view id, call_options options = {}) const;

    /// The cluster refuses what is held for it: the next call mints another, and what is kept is renewed now.
    void invalidate(std::string_view id) const;
    /// The same where that very credential is still the one held: late complaints about an earlier one change nothing.
    void invalidate(const doks::kubeconfig& refused) const;

    /** From now on these ids are kept, and no others: fetched, and renewed in the background while the keeper lives.

        Shape: an id in `ids` is evidence that its cluster exists, as a new listing that names it is. One for which the API
        answered 404 is asked about at once, and is gone only after 404s that follow. One in `unlisted` is kept, too, but
        nothing has shown its cluster: what a new listing lacks belongs there, for 404s before and after it add up. A 404
        takes nothing away: the credential serves until it expires. With a store, files are looked at at once. Let go of an
        id before its file is erased: what is kept is written again.
        Errors: throws `failure` (`invalid_argument`) that names an id which cannot be one.
    */
    void keep(std::vector<std::string> ids, std::vector<std::string> unlisted = {}) const;

    /// News of what is kept. It begins with what is held now, and ends with the keeper.
    stream<renewal_event> changes() const;

    keeper_stats stats() const;

    /** Begins nothing more; what is under way may end, and be stored, within `bound`, and is cancelled then.

        Shape: completes when nothing is left; from then on every call fails with `stopped`.
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
