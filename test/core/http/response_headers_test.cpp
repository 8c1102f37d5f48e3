#include "core/http/response_headers.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

// Header fields of quota, Date and Retry-After against sound, malformed and random values.

using namespace std::chrono;
using doks::core::hint_collector;
using doks::core::response_hints;
using doks::core::wall_time;

namespace {

constexpr wall_time now = sys_days(2026y / November / 24);

using fields = std::vector<std::pair<std::string_view, std::string_view>>;

response_hints read(const fields& given, wall_time at = now)
{
    hint_collector collector;
    for (const auto& [name, value] : given) collector.field(name, value);
    return collector.finish(at);
}

bool is_empty(const response_hints& hints)
{
    return !hints.rate_limit.limit && !hints.rate_limit.remaining && !hints.rate_limit.reset && !hints.retry_after &&
           !hints.date;
}

constexpr std::string_view unreadable[] = {"", "-1", "+1", "1.5", "0x10", "ten", "1 ", " 1", "18446744073709551616",
    "99999999999999999999999999", "5000;w=3600", "5000, 5000", "\xff\xfe"};

}

TEST_CASE("the quota headers are read under names of any case")
{
    for (const auto& given :
        {fields{{"ratelimit-limit", "5000"}, {"ratelimit-remaining", "4816"}, {"ratelimit-reset", "1795478400"}},
            fields{{"RateLimit-Reset", "1795478400"}, {"RateLimit-Limit", "5000"}, {"RATELIMIT-REMAINING", "4816"}},
            fields{{"rateLimit-limit", "5000"}, {"rateLimit-remaining", "4816"}, {"rateLimit-reset", "1795478400"}}}) {
        const auto hints = read(given);
        CHECK(hints.rate_limit.limit == 5000U);
        CHECK(hints.rate_limit.remaining == 4816U);
        CHECK(hints.rate_limit.reset == wall_time(1795478400s));
        CHECK_FALSE(hints.retry_after);
        CHECK_FALSE(hints.date);
    }
}

TEST_CASE("names that only resemble the known ones are ignored")
{
    CHECK(is_empty(read({{"x-ratelimit-limit", "1"}, {"ratelimit", "1"}, {"ratelimit-limit ", "1"},
        {"ratelimit_reset", "1"}, {"retry-after-ms", "1"}, {"dates", "1"}, {"", "1"}})));
}

TEST_CASE("a response without these headers says nothing")
{
    CHECK(is_empty(read({})));
    CHECK(is_empty(read({{"content-type", "application/yaml"}, {"content-length", "5000"}})));
}

TEST_CASE("a garbled, negative or huge quota header is left out and takes no other with it")
{
    for (const auto bad : unreadable) {
        CAPTURE(std::string(bad));
        const auto limit =
            read({{"ratelimit-limit", bad}, {"ratelimit-remaining", "7"}, {"ratelimit-reset", "1795478400"}});
        CHECK_FALSE(limit.rate_limit.limit);
        CHECK(limit.rate_limit.remaining == 7U);
        CHECK(limit.rate_limit.reset.has_value());
        CHECK_FALSE(read({{"ratelimit-remaining", bad}}).rate_limit.remaining);
        CHECK_FALSE(read({{"ratelimit-reset", bad}}).rate_limit.reset);
        CHECK_FALSE(read({{"retry-after", bad}}).retry_after);
    }
}

TEST_CASE("a header given twice is as good as malformed, equal or not")
{
    for (const char* name : {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"}) {
        CAPTURE(std::string(name));
        CHECK(is_empty(read({{name, "5"}, {name, "5"}})));
        CHECK(is_empty(read({{name, "5"}, {name, "6"}})));
        CHECK(is_empty(read({{name, "5"}, {"Retry-After", "x"}, {name, "5"}, {name, "5"}})));
        CHECK_FALSE(is_empty(read({{name, "5"}})));
    }
    CHECK_FALSE(read({{"date", "Tue, 24 Nov 2026 00:00:10 GMT"}, {"Date", "Tue, 24 Nov 2026 00:00:10 GMT"}}).date);
}

TEST_CASE("Retry-After's date counts from the server's Date, in either order of the two")
{
    const wall_time wrong = now - 48h;
    const fields forth{{"date", "Tue, 24 Nov 2026 00:00:00 GMT"}, {"retry-after", "Tue, 24 Nov 2026 00:00:30 GMT"}};
    const fields back{forth[1], forth[0]};
    CHECK(read(forth, wrong).retry_after == 30s);
    CHECK(read(back, wrong).retry_after == 30s);
    CHECK(read({forth[1]}, now + 10s).retry_after == 20s);
    CHECK(read({{"date", "yesterday"}, forth[1]}, now + 10s).retry_after == 20s);
}

TEST_CASE("a reset beyond the clock's range is left out")
{
    CHECK(read({{"ratelimit-reset", "0"}}).rate_limit.reset == wall_time());
    CHECK(read({{"ratelimit-reset", "7000000000"}}).rate_limit.reset == wall_time(7'000'000'000s));
    for (const char* text :
        {"9300000000", "32503679999", "32503680000", "9223372036854775807", "18446744073709551615"}) {
        CAPTURE(std::string(text));
        CHECK_FALSE(read({{"ratelimit-reset", text}}).rate_limit.reset);
    }
}

TEST_CASE("a value longer than any sound one is left out")
{
    const std::string longest(64, '0'), too_long(65, '0'), huge(100'000, '1');
    CHECK(read({{"ratelimit-limit", longest}}).rate_limit.limit == 0U);
    CHECK(is_empty(read({{"ratelimit-limit", too_long}, {"retry-after", huge}, {"date", huge}})));
}

TEST_CASE("names are the same whatever their case, and only then")
{
    using doks::core::same_name;
    CHECK(same_name("Content-Length", "cONTENT-lENGTH"));
    CHECK(same_name("", ""));
    CHECK_FALSE(same_name("a", ""));
    CHECK_FALSE(same_name("content-length", "content-lengt"));
    CHECK_FALSE(same_name("@", "`"));
    CHECK_FALSE(same_name("[", "{"));
    CHECK_FALSE(same_name("\xc3\x84", "\xc3\xa4"));
}

TEST_CASE("whatever the header says, the hints are in range")
{
    core_test::rng rng(3);
    constexpr std::string_view names[] = {
        "ratelimit-limit", "RateLimit-Remaining", "ratelimit-reset", "Retry-After", "date", "x"};
    constexpr std::string_view values[] = {"5000", "0", "Tue, 24 Nov 2026 00:00:10 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "7258118400", "9223372036", "99999999999"};
    for (std::size_t i = core_test::steps(20'000, 1'000'000); i != 0; --i) {
        hint_collector collector;
        for (std::size_t count = rng.below(7); count != 0; --count) {
            const std::string noise = rng.bytes(70);
            collector.field(names[rng.below(6)], rng.chance(0.5) ? values[rng.below(8)] : std::string_view(noise));
        }
        const auto hints = collector.finish(now);
        if (hints.retry_after) REQUIRE((*hints.retry_after >= 0s && now + *hints.retry_after >= now));
        if (hints.rate_limit.reset && hints.date) REQUIRE(abs(*hints.rate_limit.reset - *hints.date) < 24h * 365 * 250);
    }
}
