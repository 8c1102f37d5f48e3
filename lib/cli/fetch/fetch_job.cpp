#include "cli/fetch/fetch_job.hpp"

#include <algorithm>
#include <utility>

namespace doks::cli {

using std::chrono::steady_clock;

namespace {

constexpr std::size_t at_once_at_least = 1;

/// What the listing and other calls before it used up.
void note_used(eta& quota, const rate_limit_state& gate)
{
    if (gate.windows.empty()) return;
    auto now = steady_clock::now();
    for (std::size_t used = gate.windows.back().used; used != 0; --used)
        quota.answered(now, {}, std::chrono::system_clock::now());
}

void add_window(std::vector<window_left>& to, const rate_limit_state::window& what)
{
    auto left = what.limit.limit - std::min(what.limit.limit, what.used);
    auto same =
        std::find_if(to.begin(), to.end(), [&](const window_left& each) { return each.window.per == what.limit.per; });
    if (same == to.end()) {
        to.push_back({what.limit, left});
        return;
    }
    same->window.limit += what.limit.limit;
    same->left += left;
}

}

fetch_job::fetch_job(accounts from)
    : from_(std::move(from))
{}

void fetch_job::add(const client& of, bulk part)
{
    auto [place, is_new] = shares_.try_emplace(of.label(), from_);
    if (is_new) note_used(place->second.quota, of.rate_limit());
    place->second.left += part.summary().total;
    all_.add(std::move(part));
}

void fetch_job::see(const bulk_item& item, steady_clock::time_point now)
{
    auto place = shares_.find(item.label);
    if (place == shares_.end()) return;
    share& of = place->second;
    if (of.left != 0) --of.left;
    if (item.fresh) return;
    ++fetched_;
    const call_info info = item.outcome ? item.outcome->info() : item.outcome.error().info();
    for (unsigned sent = info.sends(); sent != 0; --sent)
        of.quota.answered(now, info.rate_limit, std::chrono::system_clock::now());
}

std::chrono::nanoseconds fetch_job::held_back(steady_clock::time_point now) const
{
    std::chrono::nanoseconds longest{0};
    for (const auto& [label, of] : shares_) longest = std::max(longest, of.quota.wait_for(of.left, now));
    return longest;
}

void fetch_job::add_quota(progress_moment& to) const
{
    for (const client& each : from_.each) {
        const rate_limit_state gate = each.rate_limit();
        for (const auto& window : gate.windows) add_window(to.quota, window);
        to.external += gate.external;
        to.parked += gate.parked;
    }
}

progress_moment fetch_job::moment(const bulk_summary& summary, steady_clock::time_point now) const
{
    progress_moment moment;
    moment.summary = summary;
    add_quota(moment);
    if (moment.summary.waiting_until && *moment.summary.waiting_until > now)
        moment.waits_for_quota = *moment.summary.waiting_until - now;
    std::size_t left = moment.summary.total - std::min(moment.summary.total, moment.summary.done());
    auto at_once = std::max(from_.connections, at_once_at_least);
    moment.remaining = estimated_time(left, held_back(now), from_.seen->mean_answer(), at_once);
    moment.remaining = std::max(moment.remaining, moment.waits_for_quota);
    // Without limits of our own the API's show in the pace alone.
    if (from_.limits.empty()) moment.remaining = std::max(moment.remaining, time_at_pace(left, fetched_, now - began_));
    return moment;
}

}
