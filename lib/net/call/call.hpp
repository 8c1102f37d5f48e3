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

/// What a call shall do.
struct request_spec
{
    net::request request;
    net::priority priority = priority::single;
    std::optional<std::size_t> reserved_slots = 0;
    std::shared_ptr<impl::shared_budget> budget; ///< instead of the account's
    core::call_policy policy; ///< in the bulk lane the deadline does not run while quota is waited for

    /// For errors: `GET /v2/...`, without a query.
    std::string operation() const
    {
        const auto target = request.target();
        return "GET " + target.substr(0, target.find('?'));
    }
};

/// What a call that succeeded got.
struct call_response
{
    net::response response;
    call_info info;
    core::wall_time requested_at{};
    core::instant requested_boot{};                    ///< the same by the boot clock
    std::shared_ptr<const known_secrets> secrets = {}; ///< what none of its texts may repeat
};

/** One call from token to outcome: the driver that runs the retry rules around attempts, on the client's strand.

    attempt = rate gate, then a connection, then one exchange. `conclude` is called exactly once.
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
    virtual void describe(failure_record& record, const response& said) const = 0;

    shared_transport& through() noexcept { return *transport_; }
    /// The call's own once it has concluded.
    request_spec& spec() noexcept { return spec_; }

private:
    enum class state
    {
        idle,
        token,
        renewal,
        parked,
        pool,
        exchange,
        backoff,
        concluded
    };

    void due(core::instant now) override;
    void token_ready(const failure& why) override;
    void admitted(permit permitted) override;
    void leased(connection& which) override;
    void not_connected(core::outcome why, std::string detail) override;
    void answered(connection& which) override;

    template <class Step> void take_step(Step step);
    void fail_for_memory();
    void give_token(const failure& why);
    void lease(connection& which);
    void take_response(connection& which);

    void seek_admission(bool again);
    void attempt_ended(const core::outcome& ended, std::string detail, response said);
    void hand_back(connection& which);
    void settle(const core::outcome& ended);
    core::outcome cut_off(core::phase at) const;
    void give_up(state left, core::instant now);
    void follow(const core::decision& next, const core::outcome& ended);
    void deliver();
    void fail(boost::system::error_code cause, core::phase at, stop_reason why);
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
    core::instant phase_due_{};
    core::instant sent_at_{};

    std::uint64_t generation_ = 0;
    std::optional<permit> permit_;
    connection* connection_ = nullptr;

    response last_response_;
    core::outcome last_;
    std::string last_detail_;
    std::string remedy_; ///< of a token that cannot be had
    rate_limit_snapshot rate_limit_;
};

}
