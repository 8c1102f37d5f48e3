#include "cli/progress.hpp"

#include "cli/progress_text.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t at_once_at_least = 1;

steady_clock::duration interval_of(const console& log, progress_mode mode)
{
    if (log.is_terminal()) return std::chrono::milliseconds(200);
    return mode == progress_mode::always ? std::chrono::seconds(1) : std::chrono::seconds(5);
}

}

class progress::state : public std::enable_shared_from_this<progress::state>
{
public:
    state(asio::any_io_executor executor, console& log, progress_mode mode, std::shared_ptr<traffic> seen,
        std::size_t at_once, std::function<bulk_summary()> read, std::function<rate_limit_state()> gate)
        : timer_(executor)
        , log_(log)
        , interval_(interval_of(log, mode))
        , seen_(std::move(seen))
        , at_once_(std::max(at_once, at_once_at_least))
        , read_(std::move(read))
        , gate_(std::move(gate))
    {}

    void show_later()
    {
        timer_.expires_after(interval_);
        timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            auto own = weak.lock();
            if (error || !own || own->finished_) return;
            own->show();
            own->show_later();
        });
    }

    void finish()
    {
        finished_ = true;
        timer_.cancel();
        log_.clear_status();
        log_.line("doks: " + summary_text(read_(), steady_clock::now() - begin_));
    }

    void abandon()
    {
        finished_ = true;
        log_.clear_status();
    }

private:
    progress_moment moment() const
    {
        auto now = steady_clock::now();
        progress_moment moment{read_(), now - begin_, {}, 0, 0, {}, {}};
        const quota_view& quota = seen_->quota();
        const rate_limit_state gate = gate_();
        for (const auto& each : gate.windows)
            moment.quota.push_back({each.limit, each.limit.limit - std::min(each.limit.limit, each.used)});
        moment.foreign = gate.foreign;
        moment.parked = gate.parked;
        if (moment.summary.waiting_until && *moment.summary.waiting_until > now)
            moment.waits_for_quota = *moment.summary.waiting_until - now;
        std::size_t left = moment.summary.total - std::min(moment.summary.total, moment.summary.done());
        moment.remaining = estimated_time(left, quota.wait_for(left, now), seen_->mean_answer(), at_once_);
        return moment;
    }

    void show()
    {
        auto text = progress_text(moment());
        log_.is_terminal() ? log_.status(text) : log_.line("doks: " + text);
    }

    asio::steady_timer timer_;
    console& log_;
    steady_clock::duration interval_;
    steady_clock::time_point begin_ = steady_clock::now();
    std::shared_ptr<traffic> seen_;
    std::size_t at_once_;
    std::function<bulk_summary()> read_;
    std::function<rate_limit_state()> gate_;
    bool finished_ = false;
};

progress::progress(asio::any_io_executor executor, console& log, progress_mode mode, std::shared_ptr<traffic> seen,
    std::size_t at_once, std::function<bulk_summary()> read, std::function<rate_limit_state()> gate)
{
    if (mode == progress_mode::never) return;
    state_ = std::make_shared<state>(
        std::move(executor), log, mode, std::move(seen), at_once, std::move(read), std::move(gate));
    state_->show_later();
}

progress::~progress()
{
    if (state_) state_->abandon();
}

void progress::finish()
{
    if (state_) std::exchange(state_, nullptr)->finish();
}

}
