#pragma once

#include "async/completion.hpp"
#include "net/call/policy_layers.hpp"
#include "net/quota/remote_admission.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <optional>

namespace doks::net {

/** One run of one segment of a policy around attempts that are a user's coroutines; on a strand of its own.

    The same engine as a client's call, `core::course`, decides. An attempt that is cut off is waited for, for it may hold
    what its caller owns.
*/
class policy_run final : public std::enable_shared_from_this<policy_run>, private core::timer
{
public:
    using layers = std::shared_ptr<const impl::policy_layers>;
    /// The error is that of a result that holds one; the exception what comes out instead of a result.
    using handler = async::completion<void(std::exception_ptr, boost::system::error_code)>::handler;

    using work = std::shared_ptr<impl::work>;

    static void start(layers of, std::size_t segment, work what, handler who, const asio::any_io_executor& on);

    policy_run(layers of, std::size_t segment, work what, handler who, const asio::any_io_executor& on);
    ~policy_run() override;

private:
    enum class state
    {
        idle,
        gate,
        attempt,
        backoff,
        over
    };
    enum class cut
    {
        none,
        by_deadline,
        by_timeout,
        by_caller
    };

    const impl::policy_segment& segment() const noexcept { return layers_->segments[index_]; }
    void begin();
    void due(core::instant now) override;
    void cancel();

    /// What a visit at a client's gate, on another context perhaps, knows of its run: null once the run is over.
    using link = async::synchronized<policy_run*>;

    void seek_admission(bool again);
    static void answer(
        const std::shared_ptr<link>& to, std::uint64_t visit, const impl::gate_of& gate, admission_outcome outcome);
    void visited(std::uint64_t visit, admission_outcome outcome);
    void end_visit();
    void make_attempt();
    void attempt_ended(std::exception_ptr thrown, boost::system::error_code cause);
    core::outcome outcome_of_attempt() const;
    core::decision decide(const core::outcome& ended);
    void settle(const core::outcome& ended);

    void finish_with_last(stop_reason why);
    void finish_with(failure_record record, stop_reason why, std::string_view layer);
    void finish(std::exception_ptr thrown, boost::system::error_code cause);

    layers layers_;
    std::size_t index_;
    work what_;
    async::executor strand_;
    std::shared_ptr<async::timer_queue> timers_;
    async::completion<void(std::exception_ptr, boost::system::error_code)> done_; ///< keeps the run alive

    core::retry_loop retry_;
    state state_ = state::idle;
    cut cut_ = cut::none;
    std::optional<asio::cancellation_signal> signal_;
    std::shared_ptr<remote_admission> visit_;
    std::uint64_t visits_ = 0;
    std::shared_ptr<link> link_ = std::make_shared<link>(this);
    std::optional<permit> permit_;

    std::exception_ptr thrown_;
    boost::system::error_code cause_;
    boost::system::error_code last_cause_;
};

}
