#include "cli/fetch/fetch_job.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace doks::cli {

namespace {

/// Windows of the same length are shown as one.
void add_window(std::vector<window_left>& windows, const rate_limit_state::window& window)
{
    const auto left = window.limit.limit - std::min(window.limit.limit, window.used);
    const auto same = std::find_if(
        windows.begin(), windows.end(), [&](const window_left& each) { return each.window.per == window.limit.per; });
    if (same == windows.end()) {
        windows.push_back({window.limit, left});
        return;
    }
    same->window.limit += window.limit.limit;
    same->left += left;
}

}

fetch_job::fetch_job(account_set accounts)
    : accounts_(std::move(accounts))
    , eta_(accounts_)
{}

void fetch_job::add(const client& api, bulk part)
{
    eta_.add(api, part.summary().total);
    all_.add(std::move(part));
}

progress_moment fetch_job::moment(const bulk_summary& summary, std::chrono::steady_clock::time_point now) const
{
    progress_moment moment;
    moment.summary = summary;
    for (const client& each : accounts_.clients) {
        const rate_limit_state quota = each.rate_limit();
        for (const auto& window : quota.windows) add_window(moment.quota, window);
        moment.external += quota.external;
        moment.parked += quota.parked;
    }
    if (summary.waiting_until && *summary.waiting_until > now) moment.waits_for_quota = *summary.waiting_until - now;
    moment.remaining = std::max(eta_.remaining(now), moment.waits_for_quota);
    return moment;
}

}
