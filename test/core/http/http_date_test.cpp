#include "core/http/response_headers.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <string>

// HTTP's three forms of dates against those that the C library prints.

using namespace std::chrono;
using doks::core::parse_count;
using doks::core::parse_http_date;
using doks::core::wall_time;

namespace {

/// The date as the C library prints it.
std::string printed(std::time_t at, const char* format)
{
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &parts)};
}

int year_of(wall_time at) { return static_cast<int>(year_month_day(floor<days>(at)).year()); }

}

TEST_CASE("a date printed by the C library in any of the three forms is read as the same second")
{
    core_test::rng rng(2);
    for (std::size_t i = core_test::steps(3'000, 300'000); i != 0; --i) {
        const std::time_t second = rng.between(0s, 7'258'118'399s).count();
        const wall_time expected{seconds(second)};
        CAPTURE(second);
        REQUIRE(parse_http_date(printed(second, "%a, %d %b %Y %H:%M:%S GMT"), wall_time()) == expected);
        REQUIRE(parse_http_date(printed(second, "%a %b %e %H:%M:%S %Y"), wall_time()) == expected);
        REQUIRE(parse_http_date(printed(second, "%A, %d-%b-%y %H:%M:%S GMT"), expected) == expected);
    }
}

TEST_CASE("a year of two digits is never read as more than fifty years ahead")
{
    for (int current = 1971; current < 2100; ++current)
        for (int two_digits = 0; two_digits < 100; ++two_digits) {
            const std::string text =
                "Monday, 15-Jun-" + std::to_string(two_digits / 10) + std::to_string(two_digits % 10) + " 12:00:00 GMT";
            const auto date = parse_http_date(text, sys_days(year(current) / June / 15));
            CAPTURE(current);
            CAPTURE(two_digits);
            REQUIRE(date);
            REQUIRE((year_of(*date) % 100 == two_digits || *date == wall_time()));
            REQUIRE(year_of(*date) <= current + 50);
            REQUIRE(year_of(*date) > current - 100);
        }
}

TEST_CASE("the pivot of RFC 850's years moves with the clock")
{
    const auto in_2026 = [](const char* text) {
        return year_of(*parse_http_date(text, sys_days(2026y / January / 1)));
    };
    CHECK(in_2026("Monday, 15-Jun-26 12:00:00 GMT") == 2026);
    CHECK(in_2026("Monday, 15-Jun-75 12:00:00 GMT") == 2075);
    CHECK(in_2026("Monday, 15-Jun-77 12:00:00 GMT") == 1977);
    CHECK(in_2026("Monday, 15-Jun-99 12:00:00 GMT") == 1999);
    CHECK(in_2026("Monday, 15-Jun-00 12:00:00 GMT") == 2000);
}

TEST_CASE("dates outside the clock's range are moved to its ends")
{
    const auto now = wall_time(sys_days(2026y / November / 24));
    CHECK(*parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT", now) > now + 24h * 365 * 100);
    CHECK(*parse_http_date("Mon, 01 Jan 1601 00:00:00 GMT", now) <= wall_time());
    CHECK(*parse_http_date("Sat, 01 Jan 0000 00:00:00 GMT", now) <= wall_time());
}

TEST_CASE("a count is digits that fit into 64 bits, and nothing else")
{
    CHECK(parse_count("0") == 0U);
    CHECK(parse_count("007") == 7U);
    CHECK(parse_count("18446744073709551615") == UINT64_MAX);
    for (const char* text : {"", "18446744073709551616", "18446744073709551620", "99999999999999999999999", "-1", "+1",
             " 1", "1 ", "1.0", "1e2", "0x1", "a"}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(parse_count(text));
    }
}
