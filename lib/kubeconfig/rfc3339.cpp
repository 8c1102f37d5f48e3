#include "kubeconfig/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace doks::kube {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// Reads a text from its front; every step is nothing once one has failed.
class reader
{
public:
    explicit reader(std::string_view text)
        : rest_(text)
    {}

    int number(std::size_t digits)
    {
        if (rest_.size() < digits) failed_ = true;
        int value = 0;
        for (std::size_t i = 0; i < digits && !failed_; ++i) {
            failed_ = rest_[i] < '0' || rest_[i] > '9';
            value = value * 10 + (rest_[i] - '0');
        }
        if (!failed_) rest_.remove_prefix(digits);
        return failed_ ? 0 : value;
    }
    void sign(std::string_view one_of)
    {
        failed_ = failed_ || rest_.empty() || one_of.find(rest_.front()) == std::string_view::npos;
        last_ = failed_ ? '\0' : rest_.front();
        if (!failed_) rest_.remove_prefix(1);
    }
    nanoseconds fraction()
    {
        if (failed_ || !rest_.starts_with('.')) return {};
        rest_.remove_prefix(1);
        const auto digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        if (digits == 0 || digits > 9) failed_ = true;
        long value = number(failed_ ? 0 : digits);
        for (auto i = digits; i < 9; ++i) value *= 10;
        return nanoseconds(value);
    }
    char last() const { return last_; }
    bool complete() const { return !failed_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool failed_ = false;
    char last_ = '\0';
};

std::chrono::year_month_day read_date(reader& in)
{
    const std::chrono::year year(in.number(4));
    in.sign("-");
    const std::chrono::month month(static_cast<unsigned>(in.number(2)));
    in.sign("-");
    return {year, month, std::chrono::day(static_cast<unsigned>(in.number(2)))};
}

minutes read_offset(reader& in)
{
    in.sign("Zz+-");
    if (in.last() != '+' && in.last() != '-') return {};
    const bool west = in.last() == '-';
    const hours hour(in.number(2));
    in.sign(":");
    const minutes offset = hour + minutes(in.number(2));
    return west ? -offset : offset;
}

}

std::string format_rfc3339(std::chrono::system_clock::time_point when)
{
    const auto day = std::chrono::floor<days>(when);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<seconds>(when - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return text.data();
}

std::optional<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text)
{
    reader in(text);
    const auto date = read_date(in);
    in.sign("Tt ");
    const hours hour(in.number(2));
    in.sign(":");
    const minutes minute(in.number(2));
    in.sign(":");
    const seconds second(in.number(2));
    const auto fraction = in.fraction();
    const auto offset = read_offset(in);
    const bool in_range = date.ok() && date.year() >= std::chrono::year(1970) &&
                          date.year() < std::chrono::year(2262) && hour < hours(24) && minute < hours(1) &&
                          second <= minutes(1);
    if (!in.complete() || !in_range) return std::nullopt;
    return std::chrono::sys_days(date) + hour + minute + second + fraction - offset;
}

}
