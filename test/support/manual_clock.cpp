#include "support/manual_clock.hpp"

#include <boost/asio/post.hpp>

#include <utility>

// A clock that jumps to its earliest timer; see manual_clock.hpp.

namespace doks::test {

namespace {

/// One timer of the clock; it rings on its executor when the clock reaches its time.
class manual_alarm final : public async::alarm
{
public:
    manual_alarm(std::shared_ptr<manual_clock> of, async::executor on, std::function<void()> ring)
        : clock_(std::move(of))
        , on_(std::move(on))
        , ring_(std::make_shared<std::function<void()>>(std::move(ring)))
    {}
    ~manual_alarm() override { clear(); }

    void set(core::instant at) override
    {
        clear();
        number_ = clock_->at(at, [on = on_, weak = std::weak_ptr(ring_)] {
            asio::post(on, [weak] {
                if (const auto ring = weak.lock()) (*ring)();
            });
        });
    }
    void clear() override
    {
        if (number_ != 0) clock_->forget(std::exchange(number_, 0));
    }

private:
    std::shared_ptr<manual_clock> clock_;
    async::executor on_;
    std::shared_ptr<std::function<void()>> ring_;
    std::uint64_t number_ = 0;
};

}

std::unique_ptr<async::alarm> manual_clock::make_alarm(async::executor on, std::function<void()> ring)
{
    return std::make_unique<manual_alarm>(shared_from_this(), std::move(on), std::move(ring));
}

std::uint64_t manual_clock::at(core::instant when, std::function<void()> what)
{
    const std::uint64_t number = ++last_;
    due_.emplace(std::pair(when, number), std::move(what));
    index_.emplace(number, when);
    return number;
}

void manual_clock::forget(std::uint64_t number)
{
    const auto found = index_.find(number);
    if (found == index_.end()) return;
    due_.erase({found->second, number});
    index_.erase(found);
}

void manual_clock::stop()
{
    const auto dropped = std::exchange(due_, {});
    index_.clear();
}

bool manual_clock::advance()
{
    if (due_.empty()) return false;
    const auto first = due_.begin();
    if (first->first.first > now_) now_ = first->first.first;
    auto what = std::move(first->second);
    index_.erase(first->first.second);
    due_.erase(first);
    what();
    return true;
}

}
