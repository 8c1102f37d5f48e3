#include "cli/output/progress_text.hpp"

#include "cli/options/duration.hpp"

#include <array>
#include <cstdio>

namespace doks::cli {

namespace {

std::string rate_text(std::size_t count, std::chrono::nanoseconds elapsed)
{
    double seconds = std::chrono::duration<double>(elapsed).count();
    double rate = seconds > 0 ? static_cast<double>(count) / seconds : 0;
    std::array<char, 32> text;
    int size = std::snprintf(text.data(), text.size(), rate < 100 ? "%.1f/s" : "%.0f/s", rate);
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string quota_text(const std::vector<window_left>& quota)
{
    std::string text;
    for (const window_left& each : quota)
        text.append(text.empty() ? ", quota " : ", ")
            .append(std::to_string(each.left))
            .append(" of ")
            .append(std::to_string(each.window.limit))
            .append("/")
            .append(duration_argument(each.window.per));
    return text;
}

std::string counted(std::size_t count, std::string_view noun)
{
    return ", " + std::to_string(count) + " " + std::string(noun);
}

}

std::string progress_text(const progress_moment& now)
{
    const bulk_summary& summary = now.summary;
    std::string text = std::to_string(summary.done()) + "/" + std::to_string(summary.total) + ", ";
    text += rate_text(summary.done(), now.elapsed);
    text += counted(summary.failed, "failed");
    if (now.remaining) text += ", ~" + duration_text(*now.remaining) + " left";
    text += quota_text(now.quota);
    if (now.external != 0) text += counted(now.external, "by others");
    if (now.parked != 0) text += counted(now.parked, "parked");
    if (now.waits_for_quota) text += ", next in " + duration_text(*now.waits_for_quota);
    return text;
}

std::string summary_text(const bulk_summary& summary, std::chrono::nanoseconds elapsed)
{
    std::string text = std::to_string(summary.done()) + " of " + std::to_string(summary.total) + " done in ";
    text += duration_text(elapsed) + ": " + std::to_string(summary.fetched) + " fetched";
    text += counted(summary.fresh, "fresh");
    text += counted(summary.not_ready, "not ready");
    text += counted(summary.gone, "gone");
    text += counted(summary.failed, "failed");
    text += counted(summary.retries, summary.retries == 1 ? "retry" : "retries");
    return text;
}

}
