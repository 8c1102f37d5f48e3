#include "cli/output/trace.hpp"

#include "cli/options/duration.hpp"

#include <cstdint>

namespace doks::cli {

namespace {

using lines = std::vector<std::string>;

std::string connection_name(std::uint64_t number) { return "[" + std::to_string(number) + "] "; }
std::string call_name(std::uint64_t number) { return "#" + std::to_string(number); }

std::string quota_text(const rate_limit_snapshot& quota)
{
    if (!quota.remaining) return {};
    std::string text = ", rate limit " + std::to_string(*quota.remaining);
    if (quota.limit) text += " of " + std::to_string(*quota.limit);
    text += " left";
    if (quota.reset) text += ", next reset " + utc_text(*quota.reset);
    return text;
}

std::string use_text(const rate_limit_state& quota)
{
    std::string text;
    for (const auto& each : quota.windows)
        text += ", " + std::to_string(each.used) + " of " + std::to_string(each.limit.limit) + "/" +
                duration_argument(each.limit.per) + " used";
    if (quota.external != 0) text += ", " + std::to_string(quota.external) + " by others";
    return text + ", " + std::to_string(quota.parked) + " parked";
}

/// One visitor for all events, so that a new one cannot be forgotten.
struct line_writer
{
    std::chrono::steady_clock::time_point now;

    lines operator()(const connection_opened& opened) const
    {
        std::string text = "* " + connection_name(opened.connection) + "connected to " + opened.address;
        if (!opened.tls_version.empty()) text += ", " + opened.tls_version + ", " + opened.cipher;
        return {text};
    }

    lines operator()(const connection_closed& closed) const
    {
        return {"* " + connection_name(closed.connection) + "closed: " + closed.reason};
    }

    lines operator()(const request_sent& sent) const
    {
        auto prefix = "> " + connection_name(sent.connection);
        auto attempt = "   (call " + call_name(sent.call) + ", attempt " + std::to_string(sent.attempt) + ")";
        return {prefix + "GET " + sent.target + " HTTP/1.1" + attempt, prefix + "Authorization: [redacted]"};
    }

    lines operator()(const response_received& response) const
    {
        auto prefix = connection_name(response.connection);
        auto call = " (call " + call_name(response.call) + ")";
        if (response.status == 0)
            return {"! " + prefix + "no response after " + duration_text(response.took) + ", " +
                    std::string(response.phase) + ": " + response.cause.message() + call};
        std::string text = "< " + prefix + std::to_string(response.status) + ", " + std::to_string(response.body_size) +
                           " bytes in " + duration_text(response.took);
        if (!response.request_id.empty()) text += ", request id " + response.request_id;
        text += quota_text(response.rate_limit);
        if (response.cause) text += ", " + response.cause.message();
        return {text + call};
    }

    lines operator()(const quota_awaited& awaited) const
    {
        std::string text = "* call " + call_name(awaited.call) + " waits for quota";
        if (awaited.until) text += ", " + duration_text(*awaited.until - now);
        return {text + use_text(awaited.rate_limit)};
    }

    lines operator()(const retry_scheduled& retry) const
    {
        return {"! call " + call_name(retry.call) + ": " + retry.cause.message() + "; " +
                (retry.resend ? "sent again" : "attempt " + std::to_string(retry.attempts + 1)) + " in " +
                duration_text(retry.delay)};
    }

    lines operator()(const call_finished& finished) const
    {
        std::string text =
            "= call " + call_name(finished.call) + ": " + (finished.cause ? finished.cause.message() : "done");
        return {text + " after " + std::to_string(finished.info.sends()) + " attempts, " +
                std::to_string(finished.info.resends) + " resends, " + duration_text(finished.info.elapsed)};
    }
};

}

std::vector<std::string> trace_lines(const event& observed, std::chrono::steady_clock::time_point now)
{
    return std::visit(line_writer{now}, observed);
}

}
