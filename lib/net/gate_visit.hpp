#pragma once

#include "net/account.hpp"
#include "net/transport.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace doks::net {

/// What a visit came to: the right to send, or why there is none.
struct visit_outcome
{
    std::optional<admission> right;
    failure why;
};

/** One wait at a client's gate on behalf of something that runs elsewhere.

    Threads: `begin` and `cancel` any, also when the client's context is gone. The answer comes once, from the client's
    strand or from `begin`; after a `cancel` it may still have been on its way.
*/
class gate_visit final : public std::enable_shared_from_this<gate_visit>,
                         public pending_operation,
                         private rate_gate::guest,
                         private account::petitioner
{
public:
    using answer = std::function<void(visit_outcome)>;

    /// `again`: it was admitted before, and goes to the front.
    static std::shared_ptr<gate_visit> begin(std::shared_ptr<transport> through, std::shared_ptr<account> whose,
        core::instant deadline, bool again, answer then);
    /// The visit is over, without an answer if none was given yet.
    void cancel();

    gate_visit(std::shared_ptr<transport> through, std::shared_ptr<account> whose, core::instant deadline, bool again,
        answer then);
    ~gate_visit() override;

private:
    void start();
    void token_ready(const failure& why) override;
    void admitted(admission right) override;
    void cancel(boost::system::error_code why) override;
    bool waits_for_quota() const noexcept override { return state_ == state::parked; }

    void enter();
    void leave_current_state();
    void conclude(visit_outcome outcome);
    void turn_away(boost::system::error_code why);

    enum class state
    {
        idle,
        token,
        parked,
        over
    };

    std::shared_ptr<transport> transport_;
    std::shared_ptr<account> account_;
    core::instant deadline_;
    bool again_;
    answer then_;
    state state_ = state::idle;
};

/// Tells the limiter how a request ended, and wakes the gate; any thread.
void settle_elsewhere(const std::shared_ptr<transport>& through, const std::shared_ptr<account>& whose, admission right,
    const core::outcome& ended, double unit);

}
