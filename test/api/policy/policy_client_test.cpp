#include "api/policy/policy_bench.hpp"

#include <doctest/doctest.h>

#include <optional>

// Policies of a client around its requests, against a scripted server in virtual time.

namespace doks::test {

TEST_CASE("a client with another policy around its attempts")
{
    unsigned seen = 0;
    virtual_world world([&](const seen_request& request) {
        if (++seen % 4 != 0) return scripted_answer{http_answer(503, "{}")};
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(request.target())))};
    });
    const std::string id = "11111111-2222-4333-8444-555555555555";
    const auto client = world.client(world.config());
    std::optional<result<kubeconfig>> got;
    const auto fetch = [&](const doks::client& by, call_options options = {}) {
        got.reset();
        by.try_kubeconfig(id, options, [&](result<kubeconfig> outcome) { got.emplace(std::move(outcome)); });
        world.run([&] { return got.has_value(); });
        REQUIRE(got.has_value());
    };
    fetch(client.with(timeout(2min) | retry(full_jitter(200ms, 20s), attempts(8)) | attempt_timeout(5s)));
    REQUIRE(got->has_value());
    CHECK((*got)->info().attempts == 4);
    fetch(client.with(attempt_timeout(5s)));
    REQUIRE(!*got);
    CHECK(got->error().attempts() == 1);
    CHECK(seen == 5);

    counted each;
    fetch(client.with(retry(attempts(8)) | each));
    REQUIRE(got->has_value());
    CHECK((*got)->info().attempts == 3);
    CHECK(*each.entered == 3);
    fetch(client.with(each));
    REQUIRE(!*got);
    CHECK(got->error().code() == http_error(503));
    CHECK(got->error().attempts() == 1);
    CHECK_THROWS_AS(client.with(rate_limited(client)), failure);

    auto all = client.with(retry(attempts(8)) | each).kubeconfigs(std::vector<std::string>{id});
    std::optional<bulk_item> item;
    all.next([&](std::exception_ptr, std::optional<bulk_item> next) { item = std::move(next); });
    world.run([&] { return item.has_value(); });
    CHECK(item->outcome.has_value());
}

namespace {

/// What a user's policy should not do.
struct forgetful : user_policy
{
    template <class F> std::invoke_result_t<F&> operator()(F call) const
    {
        auto got = co_await call();
        got = {};
        co_return got;
    }
};

}

TEST_CASE("around a user's policy the call's own bound holds, and waiting for quota is no part of an attempt")
{
    virtual_world world([](const seen_request& seen) {
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target()))), 3s};
    });
    auto config = world.config();
    config.rate_limit = {{1, 1min}};
    const auto client = world.client(config);
    const std::string id = "11111111-2222-4333-8444-555555555555";
    std::optional<result<kubeconfig>> got;
    const auto fetch = [&](const doks::client& by, call_options options = {}) {
        got.reset();
        const auto began = world.time->steady_now();
        by.try_kubeconfig(id, options, [&](result<kubeconfig> outcome) { got.emplace(std::move(outcome)); });
        world.run([&] { return got.has_value(); });
        REQUIRE(got.has_value());
        return world.time->steady_now() - began;
    };
    const counted each;
    const auto patient = client.with(timeout(10min) | each | attempt_timeout(5s));
    CHECK(fetch(patient) == 3s);
    CHECK(got->has_value());
    CHECK(fetch(patient) >= 1min - 3s);
    CHECK(got->has_value());
    CHECK(fetch(patient, {.timeout = 1s}) <= 1s);
    CHECK(!*got);
    fetch(client.with(timeout(10min) | forgetful()));
    REQUIRE(!*got);
    CHECK(got->error().message().find("no response") != std::string::npos);
    CHECK(fetch(client.with(each), {.deadline = world.time->steady_now() - 1s}) == 0s);
    CHECK(!*got);
}

TEST_CASE("rate_limited takes slots of the client's token, and a 429 closes the gate for both")
{
    virtual_world world([](const seen_request& seen) {
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target())))};
    });
    auto config = world.config();
    config.rate_limit = {{3, 1min}};
    const auto client = world.client(config);
    const auto gate = rate_limited(client);
    int done = 0;
    const auto start = world.time->steady_now();
    const auto heard = [&](std::exception_ptr thrown, int) {
        CHECK(!thrown);
        ++done;
    };
    for (int i = 0; i < 4; ++i) asio::co_spawn(world.context, gate(flaky{0}), heard);
    world.run([&] { return done == 3; });
    CHECK(world.time->steady_now() - start < 5s);
    CHECK(client.rate_limit().windows.front().used == 3);
    world.run([&] { return done == 4; });
    CHECK(world.time->steady_now() - start >= 1min);

    int refused = 0;
    const auto limited = timeout(5s) | rate_limited(client);
    for (int i = 0; i < 3; ++i)
        asio::co_spawn(world.context, limited(flaky{0}),
            [&](std::exception_ptr thrown, int) { refused += thrown ? 1 : 0, ++done; });
    world.run([&] { return done == 7; });
    CHECK(refused >= 1);
}

}
