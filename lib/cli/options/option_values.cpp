#include "cli/options/option_values.hpp"

#include "cli/options/duration.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace doks::cli {

namespace {

constexpr std::size_t most_requests = 1'000'000;

std::optional<std::size_t> whole_number(std::string_view text)
{
    std::size_t value = 0;
    auto end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

rate_window parse_window(std::string_view text, std::string_view option)
{
    auto slash = text.find('/');
    auto count = whole_number(text.substr(0, slash));
    if (slash == std::string_view::npos || !count)
        throw usage_error(std::string(option) + " " + in_quotes(text), "a limit is a number, a slash and a duration",
            "write for example 250/1m,5000/1h, or off");
    if (*count == 0 || *count > most_requests)
        throw usage_error(std::string(option) + " " + in_quotes(text), "a limit is 1 to 1000000 requests",
            "write for example 250/1m, or off for no limit");
    return {*count, parse_positive_duration(text.substr(slash + 1), option)};
}

}

std::size_t parse_count(std::string_view text, std::string_view option, std::size_t least, std::size_t most)
{
    auto value = whole_number(text);
    if (value && *value >= least && *value <= most) return *value;
    throw usage_error(std::string(option) + " " + in_quotes(text), "it is not a whole number in range",
        "give one from " + std::to_string(least) + " to " + std::to_string(most));
}

std::vector<rate_window> parse_rate_windows(std::string_view text, std::string_view option)
{
    std::vector<rate_window> windows;
    if (text == "off") return windows;
    for (;;) {
        auto comma = text.find(',');
        windows.push_back(parse_window(text.substr(0, comma), option));
        if (comma == std::string_view::npos) return windows;
        text.remove_prefix(comma + 1);
    }
}

}
