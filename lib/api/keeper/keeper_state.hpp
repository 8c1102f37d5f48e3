#pragma once

#include "api/keeper/credential_store.hpp"
#include "api/keeper/keeper_entry.hpp"
#include "async/event_queue.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace doks::api {

/// Trouble does not take the place of a credential that nobody read yet.
struct newest_of_each_kind
{
    using event = renewal_event;
    static std::string good(const std::string& id) { return '+' + id; }
    static std::string bad(const std::string& id) { return '-' + id; }
    static std::string key(const event& one) { return one.config ? good(one.id) : bad(one.id); }
    static event take(event one) { return one; }
};
using keeper_changes = async::event_queue<renewal_event, newest_of_each_kind>;

/** What keepers of one handle share.

    Decisions and flights are on the client's strand. What is held is read on any thread, under one lock that the strand
    takes to change it; nothing of the user's runs under it.
*/
class keeper_state final : private async::discardable,
                           public std::enable_shared_from_this<keeper_state>,
                           private core::timer
{
public:
    static std::shared_ptr<keeper_state> make(const client& from, keeper_options options);

    keeper_state(std::shared_ptr<const client_state> from, keeper_options options);
    ~keeper_state() override;

    // Any thread.
    std::optional<kubeconfig> held(std::string_view id, const call_options& options);
    void get(std::string_view id, const call_options& options, keeper_wait::completion::handler who);
    void invalidate(std::string_view id, const kubeconfig* only);
    void keep(std::vector<std::string> ids, std::vector<std::string> unlisted);
    std::shared_ptr<keeper_changes> subscribe();
    keeper_stats stats() const;
    void drain(core::duration bound, boost::asio::any_completion_handler<void()> who);
    /// The last handle is gone.
    void close();
    const boost::asio::any_io_executor& user_executor() const noexcept;

private:
    friend struct keeper_entry;
    friend class keeper_wait;
    struct drainage;
    struct check_timer final : core::timer
    {
        explicit check_timer(keeper_state& whose)
            : of(whose)
        {}
        void due(core::instant) override { of.check_files(); }

        keeper_state& of;
    };
    using lock = std::lock_guard<std::mutex>;

    net::shared_transport& transport() const noexcept { return *client_->transport; }
    core::instant boot_now() const { return transport().timers().time().boot_now(); }
    template <class Work> void on_strand(Work work)
    {
        transport().reach([self = shared_from_this(), work = std::move(work)]() mutable { work(*self); });
    }
    std::chrono::seconds expiry_of(const call_options& options) const noexcept;

    std::shared_ptr<void> discard() override;
    void due(core::instant now) override;
    void arm();
    void schedule(keeper_entry& which);

    keeper_entry* find(std::string_view id, std::chrono::seconds expiry, credential_type type) const;
    keeper_entry& entry_of(const credential_key& key);
    void drop_if_idle(keeper_entry& which);
    void forget(keeper_entry& which);
    void make_room();
    template <class Visit> void for_each(Visit visit) const
    {
        for (const auto& [id, same] : entries_)
            for (const auto& each : same) visit(*each);
    }

    void admit(const credential_key& key, const std::shared_ptr<keeper_wait>& who);
    void withdraw(keeper_wait& who, failure why);
    failure late(const keeper_entry& at) const;
    void answer(keeper_entry& which, const result<kubeconfig>& outcome);

    void renew(keeper_entry& which);
    void start_queued();
    bool is_wanted(const keeper_entry& which) const;
    bool is_refused(const keeper_entry& which) const;
    void seek(keeper_entry& which, net::priority in);
    bool awaits_its_write(keeper_entry& which);
    void depart(keeper_entry& which, net::priority in);
    static awaitable<void> fetch(std::shared_ptr<keeper_state> self, operation& fetching, credential_key key,
        call_options options, request_terms terms);
    void landed(keeper_entry& which, result<credential> outcome);
    void looked(const credential_key& key, credential_store::looked_up outcome);
    bool is_news(const keeper_entry& which, const credential& stored) const;
    void hurry(keeper_entry& which);
    core::instant last_deadline(const keeper_entry& which) const;
    void adopt(keeper_entry& which, credential fresh, std::size_t minted);
    void failed(keeper_entry& which, const failure& why);
    bool is_stored(const keeper_entry& which) const;
    void store(keeper_entry& which);
    void stored(const credential_key& key, const put_fault& fault);
    bool is_on_disk(const keeper_entry& which) const;
    void not_stored(keeper_entry& which, const failure& why, bool tell);
    void on_disk(keeper_entry& which);
    void arm_check();
    void check_files();
    void checked(const std::vector<credential_key>& asked, credential_store::check_outcome outcome);
    bool is_last_write(keeper_entry& which);
    bool is_refused_one(const keeper_entry& which, const kubeconfig& config) const;
    void restore(credential_store::lost_file lost, const put_fault& fault);
    void hasten_what_waits_for_the_directory();
    void keep_now(const std::vector<std::string>& ids, const std::vector<std::string>& unlisted);
    keeper_entry& keep_one(const std::string& id);
    bool mark_kept(keeper_entry& which);
    void let_go(keeper_entry& which);
    void take_as_evidence(keeper_entry& which);
    void publish(const keeper_entry& which, renewal_status status, failure why);
    void tell_all(const keeper_entry& which);
    renewal_event change_of(const keeper_entry& which, renewal_status status, failure why) const;

    static failure ended(const std::string& id, boost::system::error_code why);
    void cut(keeper_entry& which);
    void end_all();
    void drained_if_idle();
    void finish_drain();

    const std::shared_ptr<const client_state> client_;
    const keeper_options options_;
    std::shared_ptr<credential_store> store_;

    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::unique_ptr<keeper_entry>>, std::less<>> entries_; ///< by id
    boost::intrusive::list<keeper_entry> unkept_;                                            ///< used last comes last
    std::vector<std::weak_ptr<keeper_changes>> readers_;
    struct
    {
        std::atomic<std::size_t> minted{0}, saved{0}, served_stale{0}, in_flight{0};
    } counts_;
    bool closed_ = false; ///< under the lock; changed on the strand

    core::timer_heap due_; ///< by the boot clock
    std::deque<keeper_entry*> queue_;
    bool starting_ = false;
    check_timer next_check_{*this};
    bool checking_ = false;
    bool check_again_ = false; ///< something happened since the check under way began
    std::shared_ptr<drainage> drainage_;
};

}
