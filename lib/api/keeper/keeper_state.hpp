#pragma once

#include "api/keeper/credential_cache.hpp"
#include "api/keeper/keeper_waiter.hpp"
#include "api/keeper/kept_files.hpp"
#include "api/keeper/renewals.hpp"
#include "api/operation.hpp"

#include <doks/keeper.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace doks::api {

/** What the handles of one keeper share, and its parts: the cache, the renewals and the files.

    Its coroutines own it, too, until the last handle is gone and they have ended.
    Threads: functions are called on the client's strand, except where they say any thread. Code of the user's never runs
    under a lock.
*/
class keeper_state final : public std::enable_shared_from_this<keeper_state>
{
public:
    /// Throws `failure` that names the option at fault.
    static std::shared_ptr<keeper_state> make(const client& from, keeper_options options);

    keeper_state(
        std::shared_ptr<const client_state> client, keeper_options options, std::shared_ptr<credential_store> store);
    ~keeper_state();

    // For the handles; any thread.
    std::optional<kubeconfig> held(std::string_view id, const call_options& options);
    void get(std::string_view id, const call_options& options, keeper_waiter::completion::handler handler);
    void invalidate(std::string_view id, const kubeconfig* only);
    void keep(std::vector<std::string> ids, std::vector<std::string> unlisted);
    void drain(core::duration bound, boost::asio::any_completion_handler<void()> handler);
    /// The last handle is gone.
    void close();

    // For its parts.
    const client_state& client() const noexcept { return *client_; }
    const std::shared_ptr<const client_state>& shared_client() const noexcept { return client_; }
    const std::shared_ptr<net::shared_transport>& transport() const noexcept { return client_->transport; }
    const boost::asio::any_io_executor& user_executor() const noexcept { return transport()->user_executor(); }
    const keeper_options& options() const noexcept { return options_; }
    credential_cache& cache() noexcept { return cache_; }
    api::renewals& renewals() noexcept { return renewals_; }
    kept_files& files() noexcept { return files_; }
    /// Nothing new begins.
    bool is_ending() const noexcept { return closed_ || drainage_; }

    /// Any thread. `work(keeper_state&)` runs on the strand.
    template <class Work> void on_strand(Work work)
    {
        transport()->reach([self = shared_from_this(), work = std::move(work)]() mutable { work(*self); });
    }
    /// Runs a coroutine, which a drain waits for. `body(operation&)` returns it.
    template <class Body> std::shared_ptr<operation> run(Body body)
    {
        auto made = std::make_shared<operation>(client_);
        run(made, std::move(body));
        return made;
    }
    template <class Body> void run(const std::shared_ptr<operation>& made, Body body)
    {
        auto start = [self = shared_from_this(), body = std::move(body)](
                         operation& running) { return counted(self, body(running)); };
        operation::run(made, start);
    }

private:
    class drainage;
    class running_task;

    static awaitable<void> counted(std::shared_ptr<keeper_state> self, awaitable<void> body);
    std::chrono::seconds expiry_of(const call_options& options) const noexcept;
    void join(const credential_key& key, const std::shared_ptr<keeper_waiter>& waiter);
    void on_refused(std::string_view id);
    void keep_only(const std::vector<std::string>& ids, const std::vector<std::string>& unlisted);
    void begin_drain(std::shared_ptr<drainage> waiting, core::duration bound);
    void end_drain_if_idle();
    void end_drain();
    void end_all();

    const std::shared_ptr<const client_state> client_;
    const keeper_options options_;
    credential_cache cache_;
    api::renewals renewals_;
    kept_files files_;
    std::size_t tasks_ = 0; ///< coroutines that run
    bool closed_ = false;
    std::shared_ptr<drainage> drainage_;
};

}
