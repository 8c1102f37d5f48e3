#include "async/context_watch.hpp"

#include "async/context_use.hpp"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace doks::async {

namespace {

std::mutex uses;

class context_watch final : public asio::execution_context::service
{
public:
    using key_type = context_watch;
    inline static asio::execution_context::id id;

    explicit context_watch(asio::execution_context& of)
        : service(of)
    {}

    void add(std::weak_ptr<context_bound> one)
    {
        const std::lock_guard lock(mutex_);
        if (watched_.size() >= room_) {
            std::erase_if(watched_, [](const auto& each) { return each.expired(); });
            std::sort(watched_.begin(), watched_.end(), std::owner_less<>());
            const auto is_same = [](const auto& a, const auto& b) { return !a.owner_before(b) && !b.owner_before(a); };
            watched_.erase(std::unique(watched_.begin(), watched_.end(), is_same), watched_.end());
            room_ = (std::max)(least_room, 2 * watched_.size());
        }
        watched_.push_back(std::move(one));
    }

private:
    static constexpr std::size_t least_room = 64;

    void shutdown() override
    {
        for (const auto& each : std::exchange(watched_, {}))
            if (const auto alive = each.lock()) alive->abandon();
        end_context_use();
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<context_bound>> watched_;
    std::size_t room_ = least_room;
};

}

/// Whoever finds an object gone comes later than the thread that let go of it, and so through this mutex, too.
void end_context_use() { const std::lock_guard after(uses); }

void watch_context(asio::execution_context& context, std::weak_ptr<context_bound> who)
{
    asio::use_service<context_watch>(context).add(std::move(who));
}

}
