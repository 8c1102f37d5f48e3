#pragma once

#include "core/course.hpp"
#include "net/account.hpp"
#include "net/transport.hpp"

#include <memory>
#include <string>

namespace doks::impl {
struct shared_budget;
}

namespace doks::net {

/// What a call shall do.
struct call_plan
{
    job request;
    net::lane lane = lane::single;
    std::optional<std::size_t> leave = 0;
    std::shared_ptr<impl::shared_budget> budget; ///< instead of the account's
    core::plan around; ///< in the bulk lane the deadline does not run while quota is waited for

    /// For errors: `GET /v2/...`, without a query.
    std::string operation() const
    {
        const auto target = request.target();
        return "GET " + target.substr(0, target.find('?'));
    }
};

/// What a call that succeeded got.
struct reply
{
    net::answer answer;
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
             private rate_gate::guest,
             private account::petitioner
{
public:
    call(std::shared_ptr<transport> through, std::shared_ptr<account> with, call_plan plan);
    ~call() override;

    /// On the strand. The transport keeps the call alive until it has concluded.
    void start() final;
    /// On the strand; nothing happens if it has concluded.
    void cancel(boost::system::error_code why) final;

    bool waits_for_quota() const noexcept final { return state_ == state::parked; }
    core::phase whereabouts() const final;

protected:
    /// On the strand, once.
    virtual void conclude(result<reply> outcome) = 0;
    /// Adds what the API said in the body of an error.
    virtual void describe(failure_record& record, const answer& said) const = 0;

    transport& through() noexcept { return *transport_; }
    /// The call's own once it has concluded.
    call_plan& plan() noexcept { return plan_; }

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
    void admitted(admission right) override;
    void leased(connection& which) override;
    void not_connected(core::outcome why, std::string detail) override;
    void answered(connection& which) override;

    void seek_admission(bool again);
    void attempt_ended(const core::outcome& ended, std::string detail, answer said);
    void hand_back(connection& which);
    void settle(const core::outcome& ended);
    core::outcome cut_off(core::phase at) const;
    void give_up(state left, core::instant now);
    void follow(const core::decision& next, const core::outcome& ended);
    void deliver();
    void fail(boost::system::error_code cause, core::phase at, stop_reason why);
    void fail_for_quota(core::instant free_at);
    void finish(result<reply> outcome);
    failure_record blank_record() const;
    call_info info(std::string request_id) const;

    void arm(core::instant at);
    void leave_current_state(std::string_view why);

    std::shared_ptr<transport> transport_;
    std::shared_ptr<account> account_;
    call_plan plan_;
    std::uint64_t number_ = 0;
    state state_ = state::idle;

    core::course course_;
    core::wall_time requested_at_{};
    core::instant requested_boot_{};
    core::instant phase_due_{};
    core::instant sent_at_{};

    std::uint64_t generation_ = 0;
    std::optional<admission> right_;
    connection* line_ = nullptr;

    answer last_answer_;
    core::outcome last_;
    std::string last_detail_;
    std::string remedy_; ///< of a token that cannot be had
    rate_limit_snapshot rate_limit_;
};

}
