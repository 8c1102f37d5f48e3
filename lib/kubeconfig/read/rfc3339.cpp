#include "kubeconfig/read/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace doks::kube {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Digits where the form has `0`; where it has `T` also `t` and a blank.
bool has_form(std::string_view text, std::string_view form)
{
    return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char c, char wanted) {
        if (wanted == '0') return c >= '0' && c <= '9';
        return c == wanted || (wanted == 'T' && (c == 't' || c == ' '));
    });
}

int number(std::string_view digits)
{
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

/// `Z`, or hours and minutes east or west.
std::optional<minutes> offset_of(std::string_view zone)
{
    if (zone == "Z" || zone == "z") return minutes(0);
    if (!has_form(zone, "+00:00") && !has_form(zone, "-00:00")) return std::nullopt;
    const minutes offset = hours(number(zone.substr(1, 2))) + minutes(number(zone.substr(4)));
    return zone.front() == '-' ? -offset : offset;
}

}

std::string format_rfc3339(std::chrono::system_clock::time_point when)
{
    const auto seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(when));
    std::tm broken{};
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", ::gmtime_r(&seconds, &broken));
    return text.data();
}

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text)
{
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (!has_form(text.substr(0, form.size()), form)) return std::nullopt;
    auto rest = text.substr(form.size());
    std::string fraction;
    if (rest.starts_with('.')) {
        fraction = rest.substr(1, rest.find_first_not_of("0123456789", 1) - 1);
        if (fraction.empty() || fraction.size() > 9) return std::nullopt;
        rest.remove_prefix(1 + fraction.size());
    }
    fraction.resize(9, '0');
    const auto offset = offset_of(rest);
    const std::chrono::year_month_day date(std::chrono::year(number(text.substr(0, 4))),
        std::chrono::month(static_cast<unsigned>(number(text.substr(5, 2)))),
        std::chrono::day(static_cast<unsigned>(number(text.substr(8, 2)))));
    const hours hour(number(text.substr(11, 2)));
    const minutes minute(number(text.substr(14, 2)));
    const seconds second(number(text.substr(17, 2)));
    const bool in_range = date.ok() && date.year() >= std::chrono::year(1970) &&
                          date.year() < std::chrono::year(2262) && hour < hours(24) && minute < hours(1) &&
                          second <= minutes(1);
    if (!offset || !in_range) return std::nullopt;
    return std::chrono::sys_days(date) + hour + minute + second + std::chrono::nanoseconds(number(fraction)) - *offset;
}

}
