#include "cli/output/progress_text.hpp"

#include "cli/options/duration.hpp"

#include <algorithm>
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

std::string counted(std::size_t count, std::string_view what)
{
    return ", " + std::to_string(count) + " " + std::string(what);
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

std::optional<std::chrono::nanoseconds> time_at_pace(
    std::size_t left, std::size_t done, std::chrono::nanoseconds elapsed)
{
    if (done == 0) return std::nullopt;
    const auto rounds = static_cast<double>(left) / static_cast<double>(done);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed * rounds);
}

std::optional<std::chrono::nanoseconds> estimated_time(std::size_t left, std::chrono::nanoseconds held_back_by_quota,
    std::optional<std::chrono::nanoseconds> mean_answer, std::size_t at_once)
{
    if (!mean_answer) return std::nullopt;
    if (left == 0) return std::chrono::nanoseconds(0);
    auto rounds = static_cast<double>(left) / static_cast<double>(std::max<std::size_t>(at_once, 1));
    auto work = std::chrono::duration_cast<std::chrono::nanoseconds>(*mean_answer * std::max(rounds, 1.0));
    return std::max(work, held_back_by_quota + *mean_answer);
}

}
