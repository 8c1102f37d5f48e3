#include "core/http/response_headers.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <string>

// Retry-After against every form that is one, nearly one, or none, and against random bytes.

using namespace std::chrono;
using namespace std::string_view_literals;
using doks::core::parse_retry_after;

namespace {

constexpr doks::core::wall_time now = sys_days(2026y / November / 24);
constexpr long long nothing = -1;

/// A value of Retry-After, and how it is read.
struct sample
{
    std::string_view text;
    long long seconds;
};

void check(const sample& each)
{
    CAPTURE(std::string(each.text));
    const auto wait = parse_retry_after(each.text, now);
    CHECK((wait ? wait->count() : nothing) == each.seconds);
}

const std::string many_zeros(60, '0');
const std::string many_nines(64, '9');

const sample counts[] = {{"0", 0}, {"1", 1}, {"5", 5}, {"05", 5}, {"000", 0}, {many_zeros, 0}, {"60", 60}, {"120", 120},
    {"3600", 3600}, {"86400", 86400}, {"1000000000", 1'000'000'000}, {"2147483648", 2'147'483'648},
    {"4294967296", 4'294'967'296}};

const sample unreadable_counts[] = {{"", nothing}, {" ", nothing}, {"-1", nothing}, {"-0", nothing}, {"+5", nothing},
    {"1.5", nothing}, {"1,5", nothing}, {"1e3", nothing}, {"0x10", nothing}, {"5s", nothing}, {" 5", nothing},
    {"5 ", nothing}, {" 5 ", nothing}, {"\t5", nothing}, {"5\r", nothing}, {"5;", nothing}, {"5,6", nothing},
    {"5, 5", nothing}, {"five", nothing}, {"NaN", nothing}, {"inf", nothing}, {"5\0"sv, nothing}, {"\0"sv, nothing},
    {"\xd9\xa5", nothing}, {"\"5\"", nothing}, {"99999999999", nothing}, {"1000000000000", nothing},
    {"9223372036854775807", nothing}, {"9223372036854775808", nothing}, {"18446744073709551615", nothing},
    {"18446744073709551616", nothing}, {many_nines, nothing}};

const sample dates[] = {{"Tue, 24 Nov 2026 00:00:10 GMT", 10}, {"Tue, 24 Nov 2026 00:00:00 GMT", 0},
    {"Mon, 23 Nov 2026 23:59:59 GMT", 0}, {"Wed, 25 Nov 2026 00:00:00 GMT", 86400},
    {"Mon, 24 Nov 2026 00:00:10 GMT", 10}, {"Tue, 24 Nov 2026 00:00:60 GMT", 59},
    {"Tue, 29 Feb 2028 00:00:00 GMT", 462LL * 86400}, {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 0}, {"Mon, 01 Jan 1601 00:00:00 GMT", 0}, {"Sat, 01 Jan 0000 00:00:00 GMT", 0},
    {"Tuesday, 24-Nov-26 00:00:10 GMT", 10}, {"Wednesday, 25-Nov-26 00:00:00 GMT", 86400},
    {"Sunday, 06-Nov-94 08:49:37 GMT", 0}, {"Tue Nov 24 00:00:10 2026", 10}, {"Tue Dec  1 00:00:00 2026", 7LL * 86400},
    {"Tue Dec 01 00:00:00 2026", 7LL * 86400}, {"Sun Nov  6 08:49:37 1994", 0}};

const sample unreadable_dates[] = {{"Tue, 24 Nov 2026 00:00:61 GMT", nothing},
    {"Tue, 24 Nov 2026 00:60:00 GMT", nothing}, {"Tue, 24 Nov 2026 24:00:00 GMT", nothing},
    {"Tue, 31 Nov 2026 00:00:10 GMT", nothing}, {"Tue, 00 Nov 2026 00:00:10 GMT", nothing},
    {"Mon, 29 Feb 2027 00:00:00 GMT", nothing}, {"Tue, 24 Nov 2026 00:00:10 gmt", nothing},
    {"Tue, 24 Nov 2026 00:00:10 UTC", nothing}, {"Tue, 24 Nov 2026 00:00:10 +0000", nothing},
    {"Tue, 24 Nov 2026 00:00:10", nothing}, {"Tue, 24 Nov 2026 00:00:10 GMT ", nothing},
    {" Tue, 24 Nov 2026 00:00:10 GMT", nothing}, {"Tue,24 Nov 2026 00:00:10 GMT", nothing},
    {"Tue, 4 Nov 2026 00:00:10 GMT", nothing}, {"Tue, 24 nov 2026 00:00:10 GMT", nothing},
    {"tue, 24 Nov 2026 00:00:10 GMT", nothing}, {"Tue, 24 Nov 26 00:00:10 GMT", nothing},
    {"Tue, 24 Nov 20260 00:00:10 GMT", nothing}, {"Tue, 24 Nov 2026 0:00:10 GMT", nothing},
    {"Tue, 24 Nov -026 00:00:10 GMT", nothing}, {"Tuesday, 24-Nov-2026 00:00:10 GMT", nothing},
    {"Tue, 24-Nov-26 00:00:10 GMT", nothing}, {"Tuesday, 24-Nov-26 00:00:10", nothing},
    {"Tue Nov 24 00:00:10 2026 GMT", nothing}, {"Tue Dec 1 00:00:00 2026", nothing},
    {"Tue Nov 24 00:00:10 26", nothing}, {"Tue, ", nothing}, {"Tue", nothing}, {"2026-11-24T00:00:10Z", nothing}};

}

TEST_CASE("a Retry-After of digits is that many seconds")
{
    for (const auto& each : counts) check(each);
}

TEST_CASE("a Retry-After that is no plain count, or more than a clock can hold, is nothing")
{
    for (const auto& each : unreadable_counts) check(each);
}

TEST_CASE("a Retry-After of any of the three date forms counts from now, and is zero in the past")
{
    for (const auto& each : dates) check(each);
}

TEST_CASE("a Retry-After that is nearly a date is nothing")
{
    for (const auto& each : unreadable_dates) check(each);
    const std::size_t vectors =
        std::size(counts) + std::size(unreadable_counts) + std::size(dates) + std::size(unreadable_dates);
    MESSAGE(vectors << " vectors in this test and the three before");
}

TEST_CASE("a part of a second is rounded up, so that no request comes too early")
{
    CHECK(parse_retry_after("Tue, 24 Nov 2026 00:00:10 GMT", now + 1ms) == 10s);
    CHECK(parse_retry_after("Tue, 24 Nov 2026 00:00:10 GMT", now + 999ms) == 10s);
    CHECK(parse_retry_after("Tue, 24 Nov 2026 00:00:10 GMT", now + 1s) == 9s);
}

TEST_CASE("a Retry-After date beyond the clock's range is a very long wait, not an overflow")
{
    for (const char* text :
        {"Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 2300 00:00:00 GMT", "Fri Dec 31 23:59:59 9999"}) {
        CAPTURE(std::string(text));
        for (const auto from : {now, doks::core::wall_time()}) {
            const auto wait = parse_retry_after(text, from);
            REQUIRE(wait);
            CHECK(*wait > 24h * 365 * 100);
            CHECK(duration_cast<seconds>(nanoseconds(*wait)) == *wait);
            CHECK(now + *wait > now);
        }
    }
}

TEST_CASE("whatever the bytes of a Retry-After, it is nothing or a wait that clocks can hold")
{
    core_test::rng rng(1);
    const std::string_view seeds[] = {"Tue, 24 Nov 2026 00:00:10 GMT", "Tuesday, 24-Nov-26 00:00:10 GMT",
        "Tue Nov 24 00:00:10 2026", "18446744073709551615"};
    for (std::size_t i = core_test::steps(20'000, 2'000'000); i != 0; --i) {
        std::string text(seeds[rng.below(4)]);
        if (rng.chance(0.2)) text = rng.bytes(80);
        for (std::size_t changes = rng.below(3); changes != 0 && !text.empty(); --changes) {
            const std::size_t at = rng.below(text.size());
            if (rng.chance(0.5))
                text[at] = static_cast<char>('0' + rng.below(10));
            else if (rng.chance(0.5))
                text.erase(at, 1);
            else
                text.insert(at, 1, static_cast<char>(rng.below(256)));
        }
        const auto wait = parse_retry_after(text, now);
        if (!wait) continue;
        CAPTURE(std::string(text));
        REQUIRE(*wait >= 0s);
        REQUIRE(now + *wait >= now);
    }
}
