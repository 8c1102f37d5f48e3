#include "core/http/response_headers.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace doks::core {

namespace {

using namespace std::chrono;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> long_days{
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

/// Reads a date from left to right; once something does not fit, nothing does.
struct date_reader
{
    std::string_view rest;
    bool good = true;

    void literal(std::string_view text)
    {
        good = good && rest.substr(0, text.size()) == text;
        if (good) rest.remove_prefix(text.size());
    }
    unsigned number(std::size_t digits)
    {
        const auto value = rest.size() < digits ? std::nullopt : parse_count(rest.substr(0, digits));
        good = good && value.has_value();
        if (!good) return 0;
        rest.remove_prefix(digits);
        return static_cast<unsigned>(*value);
    }
    template <std::size_t N> unsigned one_of(const std::array<std::string_view, N>& names)
    {
        for (unsigned i = 0; i < N; ++i)
            if (rest.substr(0, names[i].size()) == names[i]) {
                rest.remove_prefix(names[i].size());
                return i;
            }
        good = false;
        return 0;
    }
};

/// Clocks count nanoseconds in 64 bits, up to the year 2262; this leaves room for sums and differences.
constexpr seconds latest = sys_days(2200y / January / 1).time_since_epoch();
/// The longest wait that can be added to a time of this century.
constexpr seconds longest_wait(5'000'000'000);

struct parts
{
    unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

void read_time(date_reader& in, parts& out)
{
    out.hour = in.number(2);
    in.literal(":");
    out.minute = in.number(2);
    in.literal(":");
    out.second = in.number(2);
}

std::optional<wall_time> point_of(const date_reader& in, const parts& at)
{
    const year_month_day date{year(static_cast<int>(at.year)), month(at.month + 1), day(at.day)};
    const bool sane = date.ok() && at.hour < 24 && at.minute < 60 && at.second <= 60;
    if (!in.good || !in.rest.empty() || !sane) return std::nullopt;
    const seconds exact = sys_seconds(sys_days(date)).time_since_epoch() + hours(at.hour) + minutes(at.minute) +
                          seconds((std::min)(at.second, 59U));
    return wall_time(std::clamp(exact, seconds(0), latest));
}

std::optional<wall_time> imf_fixdate(std::string_view text)
{
    date_reader in{text};
    parts at;
    in.one_of(days);
    in.literal(", ");
    at.day = in.number(2);
    in.literal(" ");
    at.month = in.one_of(months);
    in.literal(" ");
    at.year = in.number(4);
    in.literal(" ");
    read_time(in, at);
    in.literal(" GMT");
    return point_of(in, at);
}

/// A two-digit year that seems more than 50 years ahead means the past century (RFC 9110 §5.6.7).
unsigned full_year(unsigned two_digits, wall_time now)
{
    const year_month_day today(floor<std::chrono::days>(now));
    const auto current = static_cast<unsigned>(static_cast<int>(today.year()));
    const unsigned guess = current - current % 100 + two_digits;
    return guess > current + 50 ? guess - 100 : guess;
}

std::optional<wall_time> rfc850(std::string_view text, wall_time now)
{
    date_reader in{text};
    parts at;
    in.one_of(long_days);
    in.literal(", ");
    at.day = in.number(2);
    in.literal("-");
    at.month = in.one_of(months);
    in.literal("-");
    at.year = full_year(in.number(2), now);
    in.literal(" ");
    read_time(in, at);
    in.literal(" GMT");
    return point_of(in, at);
}

std::optional<wall_time> asctime(std::string_view text)
{
    date_reader in{text};
    parts at;
    in.one_of(days);
    in.literal(" ");
    at.month = in.one_of(months);
    in.literal(" ");
    const bool padded = in.rest.substr(0, 1) == " ";
    if (padded) in.literal(" ");
    at.day = in.number(padded ? 1 : 2);
    in.literal(" ");
    read_time(in, at);
    in.literal(" ");
    at.year = in.number(4);
    return point_of(in, at);
}

}

std::string lower_case(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), &lower);
    return result;
}

bool same_name(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint64_t> parse_count(std::string_view text) noexcept
{
    if (text.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
        value = value * 10 + digit;
    }
    return value;
}

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) noexcept
{
    if (auto date = imf_fixdate(text)) return date;
    if (auto date = rfc850(text, now)) return date;
    return asctime(text);
}

std::optional<seconds> parse_retry_after(std::string_view text, wall_time now) noexcept
{
    if (const auto date = parse_http_date(text, now))
        return std::clamp(ceil<seconds>(*date - now), seconds(0), longest_wait);
    const auto count = parse_count(text);
    if (!count || *count > static_cast<std::uint64_t>(longest_wait.count())) return std::nullopt;
    return seconds(static_cast<seconds::rep>(*count));
}

std::optional<std::string_view> hint_collector::slot::value() const
{
    if (count != 1 || size > sizeof text) return std::nullopt;
    return std::string_view(text, size);
}

void hint_collector::slot::put(std::string_view given)
{
    ++count;
    size = given.size();
    if (size != 0 && size <= sizeof text) std::memcpy(text, given.data(), size);
}

void hint_collector::field(std::string_view name, std::string_view value)
{
    const std::pair<std::string_view, slot*> known[] = {{"ratelimit-limit", &limit_},
        {"ratelimit-remaining", &remaining_}, {"ratelimit-reset", &reset_}, {"retry-after", &retry_after_},
        {"date", &date_}};
    for (const auto& [wanted, into] : known)
        if (same_name(name, wanted)) into->put(value);
}

response_hints hint_collector::finish(wall_time now) const
{
    response_hints hints;
    if (const auto text = date_.value()) hints.date = parse_http_date(*text, now);
    if (const auto text = retry_after_.value()) hints.retry_after = parse_retry_after(*text, hints.date.value_or(now));
    if (const auto text = limit_.value()) hints.rate_limit.limit = parse_count(*text);
    if (const auto text = remaining_.value()) hints.rate_limit.remaining = parse_count(*text);
    if (const auto text = reset_.value())
        if (const auto at = parse_count(*text); at && *at < static_cast<std::uint64_t>(latest.count()))
            hints.rate_limit.reset = wall_time(seconds(static_cast<seconds::rep>(*at)));
    return hints;
}

}
