#include "cli/fetch/eta.hpp"

#include <algorithm>

namespace doks::cli {

using std::chrono::nanoseconds;

std::optional<nanoseconds> time_at_pace(std::size_t left, std::size_t done, nanoseconds elapsed)
{
    if (done == 0) return std::nullopt;
    const auto rounds = static_cast<double>(left) / static_cast<double>(done);
    return std::chrono::duration_cast<nanoseconds>(elapsed * rounds);
}

std::optional<nanoseconds> estimated_time(
    std::size_t left, nanoseconds held_back_by_quota, std::optional<nanoseconds> mean_response, std::size_t at_once)
{
    if (!mean_response) return std::nullopt;
    if (left == 0) return nanoseconds(0);
    const auto rounds = static_cast<double>(left) / static_cast<double>(std::max<std::size_t>(at_once, 1));
    const auto work = std::chrono::duration_cast<nanoseconds>(*mean_response * std::max(rounds, 1.0));
    return std::max(work, held_back_by_quota + *mean_response);
}

void eta::add(const client& api, std::size_t count)
{
    shares_.try_emplace(api.label(), share{api}).first->second.left += count;
}

void eta::on_done(const std::string& label, bool was_fresh)
{
    const auto found = shares_.find(label);
    if (found == shares_.end()) return;
    if (found->second.left != 0) --found->second.left;
    if (!was_fresh) ++fetched_;
}

std::optional<nanoseconds> eta::remaining(std::chrono::steady_clock::time_point now) const
{
    std::size_t left = 0;
    nanoseconds held_back{0};
    for (const auto& [label, each] : shares_) {
        left += each.left;
        held_back = std::max<nanoseconds>(held_back, each.api.quota_free_at(each.left) - now);
    }
    auto time = estimated_time(left, held_back, accounts_.latency->mean(), accounts_.connections);
    // Without limits of our own the API's show in the pace alone.
    if (accounts_.limits.empty()) time = std::max(time, time_at_pace(left, fetched_, now - began_));
    return time;
}

}
