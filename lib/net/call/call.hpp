#pragma once

#include "core/retry/retry_loop.hpp"
#include "net/quota/token_context.hpp"
#include "net/shared_transport.hpp"

#include <memory>
#include <string>

namespace doks::impl {
struct shared_budget;
}

namespace doks::net {

/// What a call sends, and its bounds. Immutable once the call has started, except that `conclude` may take parts out.
struct request_spec
{
    net::request request;
    net::priority priority = priority::single;
    std::optional<std::size_t> reserved_slots = 0;
    std::shared_ptr<impl::shared_budget> budget; ///< instead of the token's
    core::call_policy policy; ///< with bulk priority the timeout does not run while the call waits for quota

    /// For errors: `GET /v2/...`, without a query.
    std::string operation() const
    {
        const auto target = request.target();
        return "GET " + target.substr(0, target.find('?'));
    }
};

/// The outcome of a call that succeeded.
struct call_response
{
    net::response response;
    call_info info;
    core::wall_time requested_at{};
    core::instant requested_boot{};                    ///< the same by the boot clock
    std::shared_ptr<const known_secrets> secrets = {}; ///< none of the response's texts may repeat one of them
};

/** One call from token to outcome: runs the retry rules around attempts, on the client's strand.

    An attempt is a permit of the rate gate, then a connection, then one exchange. `core::retry_loop` decides what follows
    each of them. The transport's list owns the call until it has concluded; gate, pool and token refer to it as a waiter,
    and a connection at work holds it. `conclude` is called exactly once. It is a callback state machine and no coroutine:
    this path is measured by its allocations.

    | state     | entered by                                  | left by                                             |
    |-----------|---------------------------------------------|-----------------------------------------------------|
    | idle      | construction                                | start                                               |
    | token     | start                                       | token_ready; the deadline; cancel                   |
    | parked    | a token; a resend, a retry; a 429           | admitted; the deadline; cancel                      |
    | pool      | admitted                                    | leased; not_connected; a bound; cancel              |
    | exchange  | leased                                      | answered; a bound; cancel                           |
    | renewal   | a 401                                       | token_ready; the deadline; cancel                   |
    | backoff   | a failure that is retried                   | the end of the pause; the deadline; cancel          |
    | concluded | success; a failure that is not retried      | nothing                                             |
*/
class call : public std::enable_shared_from_this<call>,
             public pending_request,
             private core::timer,
             private connection_pool::user,
             private rate_gate::waiter,
             private token_context::waiter
{
public:
    call(std::shared_ptr<shared_transport> through, std::shared_ptr<token_context> with, request_spec spec);
    ~call() override;

    /// On the strand. The transport keeps the call alive until it has concluded.
    void start() final;
    /// On the strand; nothing happens if it has concluded.
    void cancel(boost::system::error_code why) final;

    bool waits_for_quota() const noexcept final { return state_ == state::parked; }
    core::phase whereabouts() const final;

protected:
    /// On the strand, once.
    virtual void conclude(result<call_response> outcome) = 0;
    /// Adds what the API said in the body of an error.
    virtual void describe(failure_record& record, const response& response) const = 0;

    shared_transport& through() noexcept { return *transport_; }
    /// The call's own once it has concluded.
    request_spec& spec() noexcept { return spec_; }

private:
    enum class state
    {
        idle,     ///< not started; until `start`
        token,    ///< waits for the token, which was never fetched or may have changed
        renewal,  ///< waits for another token after a 401
        parked,   ///< waits at the rate gate; holds no connection and uses no attempt
        pool,     ///< has a permit and waits for a connection
        exchange, ///< a connection sends the request and reads the response
        backoff,  ///< pauses before the next attempt
        concluded ///< the outcome was delivered; nothing happens any more
    };

    void due(core::instant now) override;
    void token_ready(const failure& error) override;
    void admitted(permit permitted) override;
    void leased(connection& leased) override;
    void not_connected(core::outcome outcome, std::string detail) override;
    void answered(connection& connection) override;

    template <class Step> void take_step(Step step);
    void fail_for_memory();
    void give_token(const failure& error);
    void lease(connection& leased);
    void take_response(connection& connection);

    void enter_gate(bool again);
    void attempt_ended(const core::outcome& outcome, std::string detail, response response);
    void hand_back(connection& connection);
    void settle(const core::outcome& outcome);
    core::outcome timed_out(core::phase phase) const;
    void give_up(state left, core::instant now);
    void follow(const core::decision& decision, const core::outcome& outcome);
    void deliver();
    void fail(boost::system::error_code cause, core::phase phase, stop_reason why);
    void fail_for_quota(core::instant free_at);
    void finish(result<call_response> outcome);
    failure_record blank_record() const;
    call_info info(std::string request_id) const;

    void arm(core::instant at);
    void leave_current_state(std::string_view why);

    std::shared_ptr<shared_transport> transport_;
    std::shared_ptr<token_context> token_;
    request_spec spec_;
    std::uint64_t number_ = 0;
    state state_ = state::idle;

    core::retry_loop retry_;
    core::wall_time requested_at_{};
    core::instant requested_boot_{};
    core::instant phase_due_{}; ///< the bound of the current state, within the attempt's
    core::instant sent_at_{};

    std::uint64_t generation_ = 0;     ///< of the token that was sent: a 401 refuses that one only
    std::optional<permit> permit_;     ///< from admission until the attempt is settled
    connection* connection_ = nullptr; ///< in the state exchange

    response last_response_;
    core::outcome last_; ///< of the last attempt
    std::string last_detail_;
    std::string remedy_; ///< of a token that cannot be fetched
    rate_limit_snapshot rate_limit_;
};

}
