#include "core/credential/renewal_schedule.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

// What the failures to renew a credential mean, as a value, and in random histories.

using namespace std::chrono_literals;

namespace doks::core {

namespace {

constexpr instant start{1000h};

failure failing_with(boost::system::error_code code, unsigned status = 0, std::string api_id = {},
    std::optional<std::chrono::seconds> wait = std::nullopt)
{
    failure_record record;
    record.code = code;
    record.http_status = status;
    record.api_id = std::move(api_id);
    record.retry_after = wait;
    return failure(std::move(record));
}

failure absent() { return failing_with(http_error(404), 404, "not_found"); }
failure refused() { return failing_with(http_error(403), 403, "forbidden"); }
failure broken() { return failing_with(boost::system::errc::make_error_code(boost::system::errc::connection_reset)); }

using news = renewal_schedule::news;

}

TEST_CASE("only the first failure of a class is news")
{
    renewal_schedule schedule;
    schedule.renewed(start, start + 1h, 0s, 0);
    CHECK_FALSE(schedule.is_failing());
    CHECK(schedule.failed(start + 50min, broken(), 0) == news::failing);
    CHECK(schedule.failed(start + 51min, broken(), 0) == news::none);
    CHECK(schedule.failed(start + 52min, refused(), 0) == news::failing);
    CHECK(schedule.failed(start + 53min, refused(), 0) == news::none);
    CHECK(schedule.is_failing());
    CHECK(schedule.error().http_status() == 403);
    schedule.renewed(start + 54min, start + 114min, 0s, 0);
    CHECK_FALSE(schedule.is_failing());
    CHECK_FALSE(schedule.error().code());
    CHECK(schedule.failed(start + 100min, refused(), 0) == news::failing);
}

TEST_CASE("404s make a cluster gone once: it is news, and the credential serves no more")
{
    renewal_schedule schedule;
    schedule.renewed(start, start + 1h, 0s, 0);
    CHECK(schedule.failed(start + 50min, absent(), 0) == news::failing);
    CHECK(schedule.failed(start + 70min, absent(), 0) == news::none);
    CHECK_FALSE(schedule.is_gone());
    CHECK(schedule.failed(start + 81min, absent(), 0) == news::gone);
    CHECK(schedule.is_gone());
    CHECK_FALSE(schedule.is_valid(start + 81min));
    CHECK(schedule.failed(start + 95min, absent(), 0) == news::none);
    CHECK(schedule.renew_at() >= start + 100min);
}

TEST_CASE("a listing that names the cluster ends its absence, and it is asked about at once")
{
    renewal_schedule schedule;
    for (const auto at : {0min, 20min, 40min}) static_cast<void>(schedule.failed(start + at, absent(), 0.5));
    REQUIRE(schedule.is_gone());
    schedule.seen(start + 41min);
    CHECK_FALSE(schedule.is_gone());
    CHECK(schedule.renew_at() == start + 41min);
    const auto planned = schedule.renew_at();
    schedule.seen(start + 40min); // no 404 since: the plan stands
    CHECK(schedule.renew_at() == planned);
}

TEST_CASE("a cluster that is being provisioned is there, whatever the 404s before said")
{
    renewal_schedule schedule;
    for (const auto at : {0min, 20min}) static_cast<void>(schedule.failed(start + at, absent(), 0));
    CHECK(schedule.failed(start + 40min, failing_with(errc::not_ready, 404), 0) == news::failing);
    CHECK(schedule.failed(start + 41min, absent(), 0) == news::failing);
    CHECK_FALSE(schedule.is_gone());
}

TEST_CASE("the server's Retry-After is waited for, and not longer than ten seconds more")
{
    renewal_schedule schedule;
    for (const double unit : {0.0, 0.5, 0.999}) {
        static_cast<void>(schedule.failed(start, failing_with(http_error(429), 429, {}, 3600s), unit));
        CHECK(schedule.renew_at() >= start + 1h);
        CHECK(schedule.renew_at() <= start + 1h + 10s);
    }
}

TEST_CASE("random failures: nothing valid is taken away, and a next renewal is always planned")
{
    core_test::rng random(15);
    std::size_t gone = 0;
    for (int history = 0; history < 2'000; ++history) {
        renewal_schedule schedule;
        instant now = start;
        instant expires = start;
        for (int step = 0; step < 40; ++step) {
            now += 1min * random.below(21);
            const auto kind = random.below(6);
            if (kind == 0) {
                expires = now + 1h;
                schedule.renewed(now, expires, 0s, random.unit());
            } else {
                const auto told = schedule.failed(now, kind == 1 ? broken() : kind == 2 ? refused() : absent(), 0.5);
                CHECK((told != news::gone || now >= expires));
                gone += told == news::gone;
            }
            CHECK(schedule.is_valid(now) == (now < expires));
            CHECK(schedule.renew_at() <= now + 2h);
        }
    }
    CHECK(gone > 100);
}

}
