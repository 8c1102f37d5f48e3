#include "keeper/keeper_world.hpp"

// Credentials while the API refuses, the events about that, and the end of a keeper.

namespace doks::test {

TEST_CASE("an API that refuses for an hour is reported while the held credential still serves")
{
    keeper_world here;
    here.config.rate_limit = digitalocean_limits();
    const auto keeper = here.make({.expiry = 2h});
    keeper.keep(numbered(20));
    news heard(here, keeper);
    here.world.run_for(1min);
    CHECK(here.all_minted == 20);
    here.world.run_for(95min);
    const auto until = here.world.time->steady_now() + 1h;
    std::size_t refusals = 0;
    here.meets = [&](const std::string&, const seen_request&) -> std::optional<scripted_answer> {
        const auto left = std::chrono::ceil<std::chrono::seconds>(until - here.world.time->steady_now()).count();
        if (left <= 0) return std::nullopt;
        ++refusals;
        return scripted_answer{http_answer(429, "{}", "Retry-After: " + std::to_string(left) + "\r\n")};
    };
    here.world.run_for(15min);
    CHECK(heard.count(renewal_status::failing) >= 15);
    CHECK(heard.heard.back().error == condition::throttled);
    CHECK(keeper.held(cluster_number(0)));
    here.world.run_for(50min);
    CHECK(keeper.stats().held == 20);
    CHECK(keeper.stats().failing == 0);
    CHECK(refusals <= 20);
}

TEST_CASE("a subscription begins with the held credentials, and the failures")
{
    keeper_world here;
    here.meets = [](const std::string& id, const seen_request&) {
        return id == cluster_number(0) ? failing_with(403) : std::nullopt;
    };
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(3));
    here.world.run_for(1min);
    news late(here, keeper);
    here.world.run_for(1s);
    CHECK(late.count(renewal_status::renewed) == 2);
    CHECK(late.count(renewal_status::failing) == 1);
}

TEST_CASE("a keeper that is drained lets requests under way end, and begins no more")
{
    keeper_world here;
    here.meets = [](const std::string& id, const seen_request&) {
        return scripted_answer{http_answer(200, kubeconfig_text(id)), 2s};
    };
    const auto keeper = here.make({.expiry = 1h, .in_flight = 2});
    keeper.keep(numbered(5));
    news heard(here, keeper);
    here.world.run_for(1s);
    asked joined(here, keeper, cluster_number(0));
    asked queued(here, keeper, cluster_number(8));
    bool drained = false;
    const auto began = here.world.time->steady_now();
    keeper.drain(10s, [&] { drained = true; });
    here.world.run([&] { return drained; });
    CHECK(here.world.time->steady_now() - began <= 3s);
    CHECK(joined.wait().cluster_id() == cluster_number(0));
    CHECK(asked(here, keeper, cluster_number(1)).fails() == errc::stopped);
    here.world.run();
    CHECK(heard.ended);
    CHECK(heard.count(renewal_status::renewed) == 2);
    CHECK(queued.completions == 1);
}

TEST_CASE("a drain ends at its bound")
{
    keeper_world here;
    here.meets = [](const std::string&, const seen_request&) {
        scripted_answer none;
        none.silent = true;
        return none;
    };
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(5));
    here.world.run_for(1s);
    asked waiting(here, keeper, cluster_number(0));
    bool drained = false;
    const auto began = here.world.time->steady_now();
    keeper.drain(2s, [&] { drained = true; });
    here.world.run([&] { return drained; });
    CHECK(here.world.time->steady_now() - began == 2s);
    CHECK(waiting.fails() == errc::stopped);
    here.world.run();
}

}
