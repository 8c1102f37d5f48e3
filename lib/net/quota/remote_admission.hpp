#pragma once

#include "net/quota/token_context.hpp"
#include "net/shared_transport.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace doks::net {

/// A permit, or why there is none.
struct admission_outcome
{
    std::optional<net::permit> permit;
    failure error;
};

/** Waits at a client's gate for a caller that runs on another context: a `rate_limited` policy.

    `begin` and `cancel` may be called from any thread, even when the client's context is gone; everything else runs on the
    client's strand. The handler is called once, from that strand or from `begin`; a `cancel` may be too late to prevent it.
    The transport's list owns it from `start` until its end.

    | state  | entered by                      | left by                                                       |
    |--------|---------------------------------|---------------------------------------------------------------|
    | idle   | construction                    | start; cancel                                                 |
    | token  | start, if there is no token yet | token_ready; cancel; a drain                                  |
    | parked | a token                         | admitted; no slot before the deadline; cancel; a drain        |
    | over   | an outcome; cancel              | nothing                                                       |
*/
class remote_admission final : public std::enable_shared_from_this<remote_admission>,
                               public pending_operation,
                               private rate_gate::waiter,
                               private token_context::waiter
{
public:
    using handler = std::function<void(admission_outcome)>;

    /// `again`: it was admitted before, and goes to the front.
    static std::shared_ptr<remote_admission> begin(std::shared_ptr<shared_transport> transport,
        std::shared_ptr<token_context> token, core::instant deadline, bool again, handler done);
    /// Ends the wait; the handler is not called if it was not called yet.
    void cancel();

    remote_admission(std::shared_ptr<shared_transport> transport, std::shared_ptr<token_context> token,
        core::instant deadline, bool again, handler done);
    ~remote_admission() override;

private:
    void start();
    void token_ready(const failure& error) override;
    void admitted(permit permitted) override;
    void cancel(boost::system::error_code why) override;
    bool waits_for_quota() const noexcept override { return state_ == state::parked; }

    void enter();
    void leave_current_state();
    void conclude(admission_outcome outcome);
    void turn_away(boost::system::error_code why);

    enum class state
    {
        idle,   ///< not started
        token,  ///< waits for the token, whose gate is not known before
        parked, ///< waits at the gate
        over    ///< the handler was called or dropped
    };

    std::shared_ptr<shared_transport> transport_;
    std::shared_ptr<token_context> token_;
    core::instant deadline_;
    bool again_;
    handler done_;
    state state_ = state::idle;
};

/// Tells the limiter how a request ended, and wakes the gate; any thread.
void settle_elsewhere(const std::shared_ptr<shared_transport>& transport, const std::shared_ptr<token_context>& token,
    permit permitted, const core::outcome& outcome, double unit);

}
