#pragma once

#include "net/quota/token_context.hpp"
#include "net/shared_transport.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace doks::net {

/// What a visit came to: the right to send, or why there is none.
struct admission_outcome
{
    std::optional<net::permit> permit;
    failure why;
};

/** One wait at a client's gate on behalf of something that runs elsewhere.

    Threads: `begin` and `cancel` any, also when the client's context is gone. The response comes once, from the client's
    strand or from `begin`; after a `cancel` it may still have been on its way.
*/
class remote_admission final : public std::enable_shared_from_this<remote_admission>,
                               public pending_operation,
                               private rate_gate::waiter,
                               private token_context::waiter
{
public:
    using answer = std::function<void(admission_outcome)>;

    /// `again`: it was admitted before, and goes to the front.
    static std::shared_ptr<remote_admission> begin(std::shared_ptr<shared_transport> through,
        std::shared_ptr<token_context> whose, core::instant deadline, bool again, answer then);
    /// The visit is over, without a response if none was given yet.
    void cancel();

    remote_admission(std::shared_ptr<shared_transport> through, std::shared_ptr<token_context> whose,
        core::instant deadline, bool again, answer then);
    ~remote_admission() override;

private:
    void start();
    void token_ready(const failure& why) override;
    void admitted(permit permitted) override;
    void cancel(boost::system::error_code why) override;
    bool waits_for_quota() const noexcept override { return state_ == state::parked; }

    void enter();
    void leave_current_state();
    void conclude(admission_outcome outcome);
    void turn_away(boost::system::error_code why);

    enum class state
    {
        idle,
        token,
        parked,
        over
    };

    std::shared_ptr<shared_transport> transport_;
    std::shared_ptr<token_context> token_;
    core::instant deadline_;
    bool again_;
    answer then_;
    state state_ = state::idle;
};

/// Tells the limiter how a request ended, and wakes the gate; any thread.
void settle_elsewhere(const std::shared_ptr<shared_transport>& through, const std::shared_ptr<token_context>& whose,
    permit permitted, const core::outcome& ended, double unit);

}
