#pragma once

#include "async/completion.hpp"
#include "net/call/policy_layers.hpp"
#include "net/quota/remote_admission.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <optional>

namespace doks::net {

/** Runs one segment of a policy around attempts that are coroutines of the user; on a strand of its own.

    `core::retry_loop` decides, as for a client's call. An attempt whose time is up is cancelled and waited for, because it
    may refer to objects of its caller. The completion owns the run until it has finished; so do the attempt under way and
    what is posted to the strand. A gate on another context knows it by `link` only.

    | state   | entered by                              | left by                                           |
    |---------|-----------------------------------------|---------------------------------------------------|
    | idle    | construction                            | begin                                             |
    | gate    | begin, a retry, a 429; only with a gate | on_admission; the deadline; cancel                |
    | attempt | begin or a retry; a permit              | attempt_ended, and nothing else                   |
    | backoff | a failure that is retried               | the end of the pause; the deadline; cancel        |
    | over    | a success or a failure; cancel          | nothing                                           |
*/
class policy_run final : public std::enable_shared_from_this<policy_run>, private core::timer
{
public:
    using layers = std::shared_ptr<const impl::policy_layers>;
    /// Called with the exception to throw, or else the error of a result that holds one.
    using handler = async::completion<void(std::exception_ptr, boost::system::error_code)>::handler;

    using work = std::shared_ptr<impl::work>;

    /// Any thread. The handler is called on its own executor, else on `executor`.
    static void start(layers all, std::size_t segment, work call, handler done, const asio::any_io_executor& executor);

    policy_run(layers all, std::size_t segment, work call, handler done, const asio::any_io_executor& executor);
    ~policy_run() override;

private:
    enum class state
    {
        idle,    ///< not begun
        gate,    ///< waits for a permit of a client's gate
        attempt, ///< the user's coroutine runs, even after it was cancelled
        backoff, ///< pauses before the next attempt
        over     ///< the handler was called or will be; nothing happens any more
    };
    /// Why the attempt under way was cancelled. The first reason stays, except that the caller's comes before all.
    enum class cancelled_by
    {
        none,
        deadline,        ///< the timeout of the whole segment
        attempt_timeout, ///< the timeout of this attempt
        caller           ///< the caller's cancellation slot
    };

    const impl::policy_segment& segment() const noexcept { return layers_->segments[index_]; }
    void begin();
    void due(core::instant now) override;
    void cancel();

    /// How a gate, which may be on another context, finds the run: null once the run is over or destroyed.
    using link = async::synchronized<policy_run*>;

    void enter_gate(bool again);
    static void forward(
        const std::shared_ptr<link>& to, std::uint64_t admission, const impl::gate_of& gate, admission_outcome outcome);
    void on_admission(std::uint64_t admission, admission_outcome outcome);
    void leave_gate();
    void make_attempt();
    void attempt_ended(std::exception_ptr thrown, boost::system::error_code cause);
    core::outcome outcome_of_attempt() const;
    core::decision decide(const core::outcome& outcome);
    void settle(const core::outcome& outcome);

    void finish_with_last(stop_reason why);
    void finish_with(failure_record record, stop_reason why, std::string_view layer);
    void finish(std::exception_ptr thrown, boost::system::error_code cause);

    layers layers_;
    std::size_t index_;
    work work_;
    async::executor strand_;
    std::shared_ptr<async::timer_queue> timers_;
    async::completion<void(std::exception_ptr, boost::system::error_code)> done_; ///< keeps the run alive

    core::retry_loop retry_;
    state state_ = state::idle;
    cancelled_by cancelled_by_ = cancelled_by::none;
    std::optional<asio::cancellation_signal> signal_; ///< of the attempt under way
    std::shared_ptr<remote_admission> admission_;     ///< in the state gate
    std::uint64_t admissions_ = 0;                    ///< numbers them, for a late outcome of an earlier one
    std::shared_ptr<link> link_ = std::make_shared<link>(this);
    std::optional<permit> permit_;

    std::exception_ptr thrown_;
    boost::system::error_code cause_;
    boost::system::error_code last_cause_;
};

}
