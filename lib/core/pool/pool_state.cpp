#include "core/pool/pool_state.hpp"

#include <algorithm>
#include <utility>

namespace doks::core {

std::optional<pool_state::id> pool_state::take_idle(instant now)
{
    while (!idle_.empty()) {
        const idle_connection last = idle_.back();
        const bool young = now - last.since < limits_.keep_alive;
        if (!young) discarded_.push_back(last.connection);
        idle_.pop_back();
        if (young) return last.connection;
        --total_;
    }
    return std::nullopt;
}

std::optional<pool_state::id> pool_state::take_oldest_idle()
{
    if (idle_.empty()) return std::nullopt;
    const id oldest = idle_.front().connection;
    idle_.erase(idle_.begin());
    --total_;
    return oldest;
}

std::vector<pool_state::id> pool_state::discarded() { return std::exchange(discarded_, {}); }

void pool_state::enqueue(pool_waiter& waiter)
{
    const auto behind = waiter.wants_fresh ? std::find_if(waiters_.begin(), waiters_.end(),
                                                 [](const auto& each) { return !each.wants_fresh; })
                                           : waiters_.end();
    waiters_.insert(behind, waiter);
}

bool pool_state::begin_open()
{
    if (waiters_.size() <= opening_) return false;
    if (total_ == limits_.connections) {
        if (idle_.empty()) return false;
        discarded_.push_back(idle_.front().connection);
        idle_.erase(idle_.begin());
        --total_;
    }
    ++total_;
    ++opening_;
    return true;
}

pool_waiter* pool_state::pop()
{
    if (waiters_.empty()) return nullptr;
    pool_waiter& first = waiters_.front();
    waiters_.pop_front();
    return &first;
}

pool_waiter* pool_state::opened(id connection, instant now)
{
    --opening_;
    pool_waiter* const first = pop();
    if (!first) idle_.push_back({connection, now});
    return first;
}

pool_waiter* pool_state::open_failed()
{
    --opening_;
    --total_;
    return pop();
}

pool_state::handover pool_state::released(id connection, bool reusable, instant now)
{
    const bool claimed = opening_ == 0 && !waiters_.empty() && waiters_.front().wants_fresh;
    if (!reusable || claimed) {
        --total_;
        return {nullptr, true};
    }
    const auto content =
        std::find_if(waiters_.begin(), waiters_.end(), [](const auto& each) { return !each.wants_fresh; });
    if (content == waiters_.end()) {
        idle_.push_back({connection, now});
        return {};
    }
    pool_waiter& first = *content;
    waiters_.erase(content);
    return {&first, false};
}

}
