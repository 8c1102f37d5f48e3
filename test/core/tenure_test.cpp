#include "core/tenure.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <random>

using namespace std::chrono_literals;

namespace doks::core {

namespace {

constexpr instant start{1000h};

}

TEST_CASE("a credential is renewed within the first half of its margin")
{
    for (const double unit : {0.0, 0.25, 0.5, 0.999}) {
        tenure life;
        life.obtained(start, start + 1h, 12min, unit);
        CHECK(life.due() >= start + 48min);
        CHECK(life.due() < start + 54min);
        CHECK(life.serves(start + 59min));
        CHECK_FALSE(life.serves(start + 1h));
    }
}

TEST_CASE("without a margin it is a fifth of the life, and half of the life is the most")
{
    tenure life;
    life.obtained(start, start + 10min, 0s, 0);
    CHECK(life.due() == start + 8min);
    life.obtained(start, start + 10min, 1h, 0);
    CHECK(life.due() == start + 5min);
}

TEST_CASE("what does not expire is never due, and what there is not yet is due at once")
{
    tenure life;
    CHECK(life.due() <= start);
    CHECK_FALSE(life.serves(start));
    life.obtained(start, never, 0s, 0.5);
    CHECK(life.due() == never);
    CHECK(life.serves(start + 24h * 365));
}

TEST_CASE("failures are followed by pauses that double, and a success forgets them")
{
    tenure life;
    life.obtained(start, start + 168h, 0s, 0);
    duration before{};
    for (unsigned i = 0; i < 40; ++i) {
        life.failed(start, tenure::trouble::passing, {}, 0.999);
        const auto pause = life.due() - start;
        CHECK(pause >= before);
        CHECK(pause <= 2min);
        before = pause;
    }
    CHECK(before > 119s);
    CHECK(life.failures() == 40);
    CHECK(life.serves(start + 1h));
    life.obtained(start, start + 168h, 0s, 0);
    CHECK(life.failures() == 0);
}

TEST_CASE("a short life is not waited away")
{
    for (const auto what :
        {tenure::trouble::passing, tenure::trouble::not_ready, tenure::trouble::denied, tenure::trouble::missing}) {
        tenure life;
        life.obtained(start, start + 10s, 0s, 0);
        for (int i = 0; i < 10; ++i) life.failed(start + 8s, what, {}, 0.999);
        CHECK(life.due() <= start + 9s);
    }
}

TEST_CASE("each trouble has its own pauses, and the server's word counts for all of them")
{
    const auto longest = [](tenure::trouble what) {
        tenure life;
        for (int i = 0; i < 60; ++i) life.failed(start, what, {}, 0.999999);
        return life.due() - start;
    };
    CHECK(longest(tenure::trouble::not_ready) <= 30s);
    CHECK(longest(tenure::trouble::denied) <= 10min);
    CHECK(longest(tenure::trouble::denied) > 9min);
    CHECK(longest(tenure::trouble::missing) <= 10min);
    CHECK(longest(tenure::trouble::gone) <= 1h);
    CHECK(longest(tenure::trouble::gone) > 59min);
    for (const auto what : {tenure::trouble::passing, tenure::trouble::not_ready, tenure::trouble::denied}) {
        tenure life;
        life.failed(start, what, start + 40min, 0.5);
        CHECK(life.due() >= start + 40min);
        CHECK(life.due() <= start + 40min + 10s);
    }
}

TEST_CASE("news of the cluster ends a pause, and brings nothing forward that is due earlier")
{
    tenure life;
    life.obtained(start, start + 168h, 0s, 0);
    CHECK(life.length() == 168h);
    life.failed(start + 150h, tenure::trouble::missing, {}, 0.5);
    CHECK(life.due() > start + 150h);
    CHECK(life.serves(start + 167h));
    life.hasten(start + 150h + 1s);
    CHECK(life.due() == start + 150h + 1s);
    life.hasten(start + 160h);
    CHECK(life.due() == start + 150h + 1s);
}

TEST_CASE("one that the cluster refuses serves no more and is due at once")
{
    tenure life;
    life.obtained(start, start + 1h, 0s, 0);
    life.refused(start + 5min);
    CHECK_FALSE(life.serves(start + 5min));
    CHECK(life.due() <= start + 5min);
}

TEST_CASE("whatever happens, no more is minted than one for each life less its margin")
{
    std::mt19937 random(7);
    std::uniform_real_distribution<double> unit(0, 1);
    for (int run = 0; run < 200; ++run) {
        const duration expiry = 1min * (1 + run % 120);
        tenure life;
        auto now = start;
        std::size_t minted = 0;
        const auto end = start + expiry * 200;
        while (now < end) {
            if (unit(random) < 0.2) {
                life.failed(now, tenure::trouble::passing, {}, unit(random));
            } else {
                life.obtained(now, now + expiry, 0s, unit(random));
                ++minted;
            }
            REQUIRE(life.due() > now);
            now = life.due();
        }
        CHECK(minted <= 251); // 200 lives of four fifths each, and the first
    }
}

}
