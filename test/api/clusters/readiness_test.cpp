#include "api/clusters/cluster_choice.hpp"
#include "api/clusters/readiness.hpp"
#include "core/retry/retry.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <utility>

// How a wait goes on after a look at a new cluster, and which cluster of a list is chosen: values in, values out.

using namespace doks;
using namespace doks::api;
using namespace std::chrono_literals;
using verdict = wait_step::verdict;

namespace {

constexpr core::instant start{1000h};
constexpr core::instant late = start + 24h;

wait_step look(std::optional<std::string_view> state)
{
    wait_memory fresh;
    return after_look(state, fresh, {}, start, late, 0);
}

/// A cluster as a listing has it.
cluster listed(std::string id, std::string name, std::string region = "nyc1", std::vector<std::string> tags = {})
{
    cluster made;
    made.id = std::move(id);
    made.name = std::move(name);
    made.region = std::move(region);
    made.tags = std::move(tags);
    made.state = "running";
    return made;
}

const std::vector<cluster> three{
    listed("id-1", "prod", "ams3", {"blue"}), listed("id-2", "test"), listed("id-3", "test", "nyc1", {"red", "blue"})};

}

TEST_CASE("a cluster that is running, degraded or upgrading is ready; error, deleting and deleted end the wait")
{
    for (const auto* state : {"running", "degraded", "upgrading"}) CHECK(look(state).what == verdict::complete);
    CHECK(look("error").what == verdict::end_broken);
    for (const auto* state : {"deleting", "deleted"}) CHECK(look(state).what == verdict::end_gone);
}

TEST_CASE("provisioning, an unknown state and none at all are waited through")
{
    for (const auto* state : {"provisioning", "hibernating", "", "RUNNING"})
        CHECK(look(state).what == verdict::look_again);
}

TEST_CASE("a 404 is waited through for two minutes in a row")
{
    wait_memory so_far;
    const auto at = [&](core::duration since, std::optional<std::string_view> state) {
        return after_look(state, so_far, {}, start + since, late, 0.5).what;
    };
    CHECK(at(0s, {}) == verdict::look_again);
    CHECK(at(119s, {}) == verdict::look_again);
    CHECK(at(120s, {}) == verdict::end_absent);
    CHECK(at(121s, "provisioning") == verdict::look_again);
    CHECK(at(122s, {}) == verdict::look_again);
    CHECK(at(241s, {}) == verdict::look_again);
    CHECK(at(242s, {}) == verdict::end_absent);
}

TEST_CASE("pauses grow from 5 s to 30 s by half, shortened by up to a quarter")
{
    for (const double unit : {0.0, 0.5, 0.999}) {
        wait_memory so_far;
        double expected = 5;
        for (int i = 0; i < 12; ++i) {
            const auto next = after_look("provisioning", so_far, {}, start, late, unit);
            const std::chrono::duration<double> pause = next.at - start;
            CHECK(pause.count() == doctest::Approx(expected * (1 - unit / 4)).epsilon(0.001));
            expected = std::min(30.0, expected * 1.5);
        }
    }
}

TEST_CASE("whatever the deadline, no pause outlasts it, and one more look is had just before it")
{
    std::mt19937 rng(7);
    for (int walk = 0; walk < 2'000; ++walk) {
        wait_memory so_far;
        const auto deadline = start + std::chrono::milliseconds(rng() % 300'000);
        auto now = start;
        auto last_look = start;
        while (now < deadline) {
            last_look = now;
            const auto next = after_look("provisioning", so_far, {}, now, deadline, (rng() % 1000) / 1000.0);
            REQUIRE(next.at > now);
            REQUIRE(next.at <= deadline);
            REQUIRE(next.at - now <= 32s);
            now = next.at;
        }
        REQUIRE(deadline - last_look <= 4s);
    }
}

TEST_CASE("a wait without a deadline goes on")
{
    wait_memory so_far;
    const auto next = after_look("provisioning", so_far, {}, start, core::never, 0);
    CHECK(next.at == start + 5s);
}

TEST_CASE("a selection keeps what matches, in its order")
{
    CHECK(selected({}, three)->size() == 3);
    const auto blue = selected({{}, {"blue"}, {}}, three);
    REQUIRE(blue->size() == 2);
    CHECK((*blue)[0].id == "id-1");
    CHECK((*blue)[1].id == "id-3");
    CHECK(selected({{"nyc1"}, {"blue"}, {"running"}}, three)->size() == 1);
    CHECK(selected({{"sfo3"}, {}, {}}, three)->empty());
}

TEST_CASE("a name stands for the one cluster that has it; none and several say what there is")
{
    CHECK(the_one_named("prod", three)->id == "id-1");

    const auto none = the_one_named("Prod", three).error();
    CHECK(none == errc::no_such_cluster);
    CHECK(none == condition::not_found);
    CHECK(none.message().find("none of the 3 clusters that this token sees") != std::string::npos);
    CHECK(the_one_named("x", {}).error().detail().find("0 clusters") != std::string::npos);

    const auto several = the_one_named("test", three).error();
    CHECK(several == errc::ambiguous_name);
    CHECK(several == condition::invalid);
    CHECK(several.message().find("2 clusters have this name: id-2, id-3") != std::string::npos);

    CHECK(the_one_named("a\nb", {}).error().message().find('\n') == std::string::npos);
}
