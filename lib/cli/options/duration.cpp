#include "cli/options/duration.hpp"

#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <optional>

namespace doks::cli {

namespace {

using std::chrono::duration_cast;
using std::chrono::nanoseconds;
using std::chrono::seconds;

struct unit
{
    std::string_view name;
    nanoseconds length;
};

constexpr std::array units{unit{"d", std::chrono::hours(24)}, unit{"h", std::chrono::hours(1)},
    unit{"m", std::chrono::minutes(1)}, unit{"s", seconds(1)}, unit{"ms", std::chrono::milliseconds(1)}};
constexpr nanoseconds longest = std::chrono::hours(24) * 36500;
constexpr std::string_view examples = "write for example 90s, 15m, 1h or 7d";

std::optional<nanoseconds> length_of(std::string_view name)
{
    for (const unit& each : units)
        if (each.name == name) return each.length;
    return std::nullopt;
}

std::string_view fault_of_number(std::string_view number, std::string_view rest)
{
    if (number.empty() && rest.empty()) return "it is empty";
    if (number.empty() && rest.front() == '-') return "a duration cannot be negative";
    if (number.empty()) return "a duration begins with a whole number";
    if (rest.empty()) return "the unit is missing";
    if (rest.front() == '.' || rest.front() == ',') return "a duration is a whole number; a fraction is not taken";
    return {};
}

std::string two_units(std::intmax_t major, char major_name, std::intmax_t minor, char minor_name)
{
    std::array<char, 48> text;
    int size = std::snprintf(text.data(), text.size(), "%jd%c %02jd%c", major, major_name, minor, minor_name);
    return {text.data(), static_cast<std::size_t>(size)};
}

}

nanoseconds parse_duration(std::string_view text, std::string_view option)
{
    auto refused = [&](std::string_view why) {
        return usage_error(std::string(option) + " " + in_quotes(text), why, examples);
    };
    auto digits = text.substr(0, text.find_first_not_of("0123456789"));
    auto rest = text.substr(digits.size());
    if (auto fault = fault_of_number(digits, rest); !fault.empty()) throw refused(fault);
    auto length = length_of(rest);
    if (!length) throw refused("the unit is none of ms, s, m, h and d");
    std::int64_t count = 0;
    auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (parsed.ec != std::errc() || count > longest / *length) throw refused("it is longer than 36500 days");
    return count * *length;
}

nanoseconds parse_positive_duration(std::string_view text, std::string_view option)
{
    auto value = parse_duration(text, option);
    if (value > nanoseconds::zero()) return value;
    throw usage_error(std::string(option) + " " + in_quotes(text), "it is zero, and must be greater", examples);
}

seconds parse_expiry(std::string_view text, std::string_view option)
{
    auto value = parse_duration(text, option);
    if (value % seconds(1) == nanoseconds::zero()) return duration_cast<seconds>(value);
    throw usage_error(std::string(option) + " " + in_quotes(text), "an expiry is a whole number of seconds", examples);
}

std::string duration_text(nanoseconds value)
{
    using namespace std::chrono;
    std::array<char, 32> text;
    if (value < nanoseconds::zero()) value = nanoseconds::zero();
    if (value < 999'500us) return std::to_string(round<milliseconds>(value).count()) + "ms";
    if (value < 59'950ms) {
        int size = std::snprintf(text.data(), text.size(), "%.1fs", duration<double>(value).count());
        return {text.data(), static_cast<std::size_t>(size)};
    }
    auto whole = round<seconds>(value);
    if (whole < 1h) return two_units(whole / 1min, 'm', (whole % 1min).count(), 's');
    if (whole < 24h) return two_units(whole / 1h, 'h', (whole % 1h) / 1min, 'm');
    return two_units(whole / 24h, 'd', (whole % 24h) / 1h, 'h');
}

std::string utc_text(std::chrono::system_clock::time_point time)
{
    const auto whole = std::chrono::system_clock::to_time_t(std::chrono::floor<seconds>(time));
    std::tm fields{};
    ::gmtime_r(&whole, &fields);
    std::array<char, 32> text;
    return {text.data(), std::strftime(text.data(), text.size(), "%FT%TZ", &fields)};
}

std::string duration_argument(nanoseconds value)
{
    for (const unit& each : units)
        if (value % each.length == nanoseconds::zero())
            return std::to_string(value / each.length) + std::string(each.name);
    return duration_text(value);
}

}
