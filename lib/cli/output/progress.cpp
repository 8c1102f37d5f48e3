#include "cli/output/progress.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace doks::cli {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

steady_clock::duration interval_of(const console& log, progress_mode mode)
{
    if (log.is_terminal()) return std::chrono::milliseconds(200);
    return mode == progress_mode::always ? std::chrono::seconds(1) : std::chrono::seconds(5);
}

}

class progress::state : public std::enable_shared_from_this<progress::state>
{
public:
    state(asio::any_io_executor executor, console& log, progress_mode mode, look_function look)
        : timer_(executor)
        , log_(log)
        , interval_(interval_of(log, mode))
        , look_(std::move(look))
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
        auto now = moment();
        log_.line("doks: " + summary_text(now.summary, now.elapsed));
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
        auto moment = look_(now);
        moment.elapsed = now - begin_;
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
    look_function look_;
    bool finished_ = false;
};

progress::progress(asio::any_io_executor executor, console& log, progress_mode mode, look_function look)
{
    if (mode == progress_mode::never) return;
    state_ = std::make_shared<state>(std::move(executor), log, mode, std::move(look));
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
