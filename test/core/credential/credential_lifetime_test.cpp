#include "core/credential/credential_lifetime.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <random>

// When a credential is renewed and how failures delay that, against instants that the test passes in.

using namespace std::chrono_literals;

namespace doks::core {

namespace {

constexpr instant start{1000h};

}

TEST_CASE("a credential is renewed within the first half of its margin")
{
    for (const double unit : {0.0, 0.25, 0.5, 0.999}) {
        credential_lifetime life;
        life.renewed(start, start + 1h, 12min, unit);
        CHECK(life.renew_at() >= start + 48min);
        CHECK(life.renew_at() < start + 54min);
        CHECK(life.is_valid(start + 59min));
        CHECK_FALSE(life.is_valid(start + 1h));
    }
}

TEST_CASE("without a margin it is a fifth of the life, and half of the life is the most")
{
    credential_lifetime life;
    life.renewed(start, start + 10min, 0s, 0);
    CHECK(life.renew_at() == start + 8min);
    life.renewed(start, start + 10min, 1h, 0);
    CHECK(life.renew_at() == start + 5min);
}

TEST_CASE("what does not expire is never due, and what there is not yet is due at once")
{
    credential_lifetime life;
    CHECK(life.renew_at() <= start);
    CHECK_FALSE(life.is_valid(start));
    life.renewed(start, never, 0s, 0.5);
    CHECK(life.renew_at() == never);
    CHECK(life.is_valid(start + 24h * 365));
}

TEST_CASE("failures are followed by pauses that double, and a success forgets them")
{
    credential_lifetime life;
    life.renewed(start, start + 168h, 0s, 0);
    duration before{};
    for (unsigned i = 0; i < 40; ++i) {
        life.failed(start, credential_lifetime::error_class::passing, {}, 0.999);
        const auto pause = life.renew_at() - start;
        CHECK(pause >= before);
        CHECK(pause <= 2min);
        before = pause;
    }
    CHECK(before > 119s);
    CHECK(life.failures() == 40);
    CHECK(life.is_valid(start + 1h));
    life.renewed(start, start + 168h, 0s, 0);
    CHECK(life.failures() == 0);
}

TEST_CASE("a short life is not waited away")
{
    for (const auto what : {credential_lifetime::error_class::passing, credential_lifetime::error_class::not_ready,
             credential_lifetime::error_class::denied, credential_lifetime::error_class::missing}) {
        credential_lifetime life;
        life.renewed(start, start + 10s, 0s, 0);
        for (int i = 0; i < 10; ++i) life.failed(start + 8s, what, {}, 0.999);
        CHECK(life.renew_at() <= start + 9s);
    }
}

TEST_CASE("each error_class has its own pauses, and the server's word counts for all of them")
{
    const auto longest = [](credential_lifetime::error_class what) {
        credential_lifetime life;
        for (int i = 0; i < 60; ++i) life.failed(start, what, {}, 0.999999);
        return life.renew_at() - start;
    };
    CHECK(longest(credential_lifetime::error_class::not_ready) <= 30s);
    CHECK(longest(credential_lifetime::error_class::denied) <= 10min);
    CHECK(longest(credential_lifetime::error_class::denied) > 9min);
    CHECK(longest(credential_lifetime::error_class::missing) <= 10min);
    CHECK(longest(credential_lifetime::error_class::gone) <= 1h);
    CHECK(longest(credential_lifetime::error_class::gone) > 59min);
    for (const auto what : {credential_lifetime::error_class::passing, credential_lifetime::error_class::not_ready,
             credential_lifetime::error_class::denied}) {
        credential_lifetime life;
        life.failed(start, what, start + 40min, 0.5);
        CHECK(life.renew_at() >= start + 40min);
        CHECK(life.renew_at() <= start + 40min + 10s);
    }
}

TEST_CASE("news of the cluster ends a pause, and brings nothing forward that is due earlier")
{
    credential_lifetime life;
    life.renewed(start, start + 168h, 0s, 0);
    CHECK(life.length() == 168h);
    life.failed(start + 150h, credential_lifetime::error_class::missing, {}, 0.5);
    CHECK(life.renew_at() > start + 150h);
    CHECK(life.is_valid(start + 167h));
    life.hasten(start + 150h + 1s);
    CHECK(life.renew_at() == start + 150h + 1s);
    life.hasten(start + 160h);
    CHECK(life.renew_at() == start + 150h + 1s);
}

TEST_CASE("one that the cluster refuses serves no more and is due at once")
{
    credential_lifetime life;
    life.renewed(start, start + 1h, 0s, 0);
    life.refused(start + 5min);
    CHECK_FALSE(life.is_valid(start + 5min));
    CHECK(life.renew_at() <= start + 5min);
}

TEST_CASE("whatever happens, no more is minted than one for each life less its margin")
{
    std::mt19937 random(7);
    std::uniform_real_distribution<double> unit(0, 1);
    for (int run = 0; run < 200; ++run) {
        const duration expiry = 1min * (1 + run % 120);
        credential_lifetime life;
        auto now = start;
        std::size_t minted = 0;
        const auto end = start + expiry * 200;
        while (now < end) {
            if (unit(random) < 0.2) {
                life.failed(now, credential_lifetime::error_class::passing, {}, unit(random));
            } else {
                life.renewed(now, now + expiry, 0s, unit(random));
                ++minted;
            }
            REQUIRE(life.renew_at() > now);
            now = life.renew_at();
        }
        CHECK(minted <= 251); // 200 lives of four fifths each, and the first
    }
}

}
