#include "sim/parse.hpp"

#include <doks/sim/options.hpp>
#include <doks/sim/rate_limit.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace doks::sim {

namespace {

constexpr std::array<std::pair<std::string_view, double>, 7> units{{
    {"ns", 1},
    {"us", 1e3},
    {"ms", 1e6},
    {"s", 1e9},
    {"m", 60e9},
    {"h", 3600e9},
    {"d", 86400e9},
}};

[[noreturn]] void refuse(std::string_view subject, std::string_view text, std::string_view form)
{
    throw std::invalid_argument(
        std::string(subject) + " '" + std::string(text) + "' cannot be read; write " + std::string(form));
}

std::pair<std::size_t, std::chrono::nanoseconds> count_per_duration(std::string_view item)
{
    std::size_t slash = item.find('/');
    std::string_view number = item.substr(0, slash);
    std::size_t count = 0;
    auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    bool readable = slash != item.npos && error == std::errc{} && end == number.data() + number.size() && count > 0;
    if (!readable) refuse("rate limit", item, "N/D[,N/D] such as 250/1m,5000/1h, or off");
    auto window = parse_duration(item.substr(slash + 1));
    if (window.count() == 0) refuse("rate limit", item, "a window longer than 0");
    return {count, window};
}

}

std::vector<std::string_view> split_at(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (true) {
        std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::chrono::nanoseconds parse_duration(std::string_view text)
{
    constexpr std::string_view form = "a number with ns, us, ms, s, m, h or d, such as 20ms";
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || !(value >= 0)) refuse("duration", text, form);
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const auto& [name, factor] : units) {
        constexpr double longest = 9e18;
        if (unit != name) continue;
        if (value * factor > longest) refuse("duration", text, "less than 292 years");
        return std::chrono::nanoseconds(std::llround(value * factor));
    }
    refuse("duration", text, form);
}

rate_limit parse_rate_limit(std::string_view text)
{
    rate_limit limit;
    if (text == "off") {
        limit.enabled = false;
        return limit;
    }
    auto parts = split_at(text, ',');
    if (parts.size() > 2) refuse("rate limit", text, "N/D[,N/D] such as 250/1m,5000/1h, or off");
    std::tie(limit.per_minute, limit.minute_window) = count_per_duration(parts[0]);
    if (parts.size() == 2) std::tie(limit.per_hour, limit.hour_window) = count_per_duration(parts[1]);
    return limit;
}

latency parse_latency(std::string_view text)
{
    std::size_t dots = text.find("..");
    latency result;
    result.min = parse_duration(text.substr(0, dots));
    result.max = dots == text.npos ? result.min : parse_duration(text.substr(dots + 2));
    if (result.max < result.min) refuse("latency", text, "D or D..D with the smaller one first, such as 20ms..200ms");
    return result;
}

}
