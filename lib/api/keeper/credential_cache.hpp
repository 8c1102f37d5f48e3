#pragma once

#include "api/keeper/boot_timer_queue.hpp"
#include "api/keeper/credential_map.hpp"
#include "async/event_queue.hpp"

#include <doks/keeper.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace doks::api {

/// A failure does not take the place of a credential that was not read yet.
struct newest_of_each_kind
{
    using event = renewal_event;
    static std::string good(const std::string& id) { return '+' + id; }
    static std::string bad(const std::string& id) { return '-' + id; }
    static std::string key(const event& renewal) { return renewal.config ? good(renewal.id) : bad(renewal.id); }
    static event take(event renewal) { return renewal; }
};
using renewal_events = async::event_queue<renewal_event, newest_of_each_kind>;

/// Since the keeper was made; `in_flight` is of now.
struct keeper_counts
{
    std::atomic<std::size_t> minted{0}, saved{0}, served_stale{0}, in_flight{0};
};

/** What a keeper holds: every change of a credential passes here.

    A change is made under the map's lock. Then the calls that wait are answered, readers of `changes()` are told, and the
    next renewal is planned.
    Threads: the client's strand, except where it says any thread.
*/
class credential_cache
{
public:
    credential_cache(keeper_state& keeper, const keeper_options& options);

    credential_map& map() noexcept { return map_; }
    const credential_map& map() const noexcept { return map_; }
    keeper_counts& counts() noexcept { return counts_; }
    core::instant now() const { return timers_.now(); }

    /// Any thread.
    std::optional<kubeconfig> held(std::string_view id, std::chrono::seconds expiry, credential_type type);
    /// Any thread. With `only`, where that is held. False if the cluster holds nothing of the kind.
    bool mark_refused(std::string_view id, const kubeconfig* only);
    /// Any thread. The events begin with what is held.
    std::shared_ptr<renewal_events> subscribe();
    /// Any thread.
    keeper_stats stats() const;

    bool serves(const keeper_entry& entry) const;
    /// A credential that the entry does not hold yet, and that is better than what it holds.
    bool is_news(const keeper_entry& entry, const credential& other) const;
    /// `minted`: the API made it just now; else it comes from the directory.
    void adopt(keeper_entry& entry, credential fresh, bool minted);
    void failed(keeper_entry& entry, const failure& error);
    /// At `not_before` or later.
    void plan_renewal(keeper_entry& entry, core::instant not_before = {});
    void answer(keeper_entry& entry, const result<kubeconfig>& outcome);
    void publish(const keeper_entry& entry, renewal_status status, failure error = {});
    /// What is held, and that renewing it fails, if it does.
    void publish_all(const keeper_entry& entry);

    void keep(keeper_entry& entry);
    void release(keeper_entry& entry);
    /// Plans no more renewals.
    void stop();
    /// The events end, and nothing is held any more.
    void close();

private:
    renewal_event event_of(const keeper_entry& entry, renewal_status status, failure error) const;

    keeper_state& keeper_;
    const keeper_options& options_;
    boot_timer_queue timers_;
    credential_map map_;
    std::vector<std::weak_ptr<renewal_events>> readers_; ///< under the map's lock
    keeper_counts counts_;
    bool stopped_ = false;
    bool closed_ = false; ///< under the map's lock
};

}
