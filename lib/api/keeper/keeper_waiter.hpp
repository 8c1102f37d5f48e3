#pragma once

#include "async/completion.hpp"
#include "core/timer_heap.hpp"
#include "net/shared_transport.hpp"

#include <doks/kubeconfig.hpp>

#include <functional>
#include <memory>

namespace doks::api {

struct keeper_entry;

/** A call that waits for a credential on its way.

    Threads: the client's strand, but for its construction and `on_cancel`.
*/
class keeper_waiter final : public std::enable_shared_from_this<keeper_waiter>, private core::timer
{
public:
    using completion = async::completion<void(result<kubeconfig>)>;

    keeper_waiter(
        std::shared_ptr<net::shared_transport> transport, completion::handler handler, core::instant deadline);
    ~keeper_waiter() override { transport_->timers().clear(*this); }

    /// From the initiation only. `cancel` runs wherever the user emits, so it must post.
    void on_cancel(std::function<void()> cancel) { done_.on_cancel(std::move(cancel)); }
    void join(keeper_entry& entry);
    /// Null before it has joined one, and once it is finished.
    keeper_entry* entry() const noexcept { return entry_; }
    core::instant deadline() const noexcept { return deadline_; }

    void finish(result<kubeconfig> outcome);
    /// The same, and leaves its entry.
    void withdraw(failure error);
    /// The same because its deadline has passed, or will before the quota has a slot. The renewal goes on.
    void time_out();

private:
    void due(core::instant now) override;
    void look_again(core::instant now);

    const std::shared_ptr<net::shared_transport> transport_;
    completion done_;
    const core::instant deadline_;
    keeper_entry* entry_ = nullptr;
};

}
