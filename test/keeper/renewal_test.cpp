#include "keeper/keeper_world.hpp"

#include <set>

// Credentials that are kept: renewed ahead of their expiry, through failures, sleeping machines and clocks that step.

namespace doks::test {

TEST_CASE("a kept credential is fetched at once, and renewed ahead of its expiry")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(3));
    news heard(here, keeper);
    here.world.run_for(1min);
    CHECK(here.all_minted == 3);
    CHECK(heard.count(renewal_status::renewed) == 3);
    REQUIRE(heard.heard.front().config);
    CHECK(heard.heard.front().config->cluster_id() == heard.heard.front().id);
    CHECK(*heard.heard.front().valid_until - here.wall() > 58min);
    here.world.run_for(46min);
    CHECK(here.all_minted == 3);
    here.world.run_for(8min);
    CHECK(here.all_minted == 6);
    const std::set<core::instant> moments(heard.at.begin() + 3, heard.at.end());
    CHECK(moments.size() == 3);
    CHECK(keeper.stats().kept == 3);
    CHECK(keeper.stats().held == 3);
}

TEST_CASE("while renewing fails the old one serves, and when it has expired none does")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    news heard(here, keeper);
    here.world.run_for(1min);
    here.meets = [](const std::string&, const seen_request&) { return failing_with(503); };
    here.world.run_for(57min);
    CHECK(keeper.held(cluster_number(0)));
    CHECK(keeper.stats().served_stale == 1);
    CHECK(heard.count(renewal_status::failing) == 1);
    CHECK(heard.heard.back().error.http_status() == 503);
    CHECK(*heard.heard.back().valid_until - here.wall() <= 12min);
    here.world.run_for(3min);
    CHECK_FALSE(keeper.held(cluster_number(0)));
    CHECK(asked(here, keeper, cluster_number(0)).fails().http_status() == 503);
    CHECK(keeper.stats().failing == 1);
    here.meets = nullptr;
    here.world.run_for(4min);
    CHECK(keeper.held(cluster_number(0)));
    CHECK(heard.count(renewal_status::renewed) == 2);
    CHECK(heard.count(renewal_status::failing) == 1);
    CHECK(keeper.stats().failing == 0);
}

TEST_CASE("a cluster that vanishes is told of once, asked about now and then, and taken up again")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(2));
    news heard(here, keeper);
    here.world.run_for(1min);
    here.meets = [](const std::string& id, const seen_request&) {
        return id == cluster_number(0) ? failing_with(404) : std::nullopt;
    };
    here.world.run_for(24h);
    CHECK(heard.count(renewal_status::gone) == 1);
    CHECK_FALSE(keeper.held(cluster_number(0)));
    CHECK(keeper.held(cluster_number(1)));
    std::size_t questions = 0;
    for (const auto& each : here.world.network->requests()) questions += id_in(each.target()) == cluster_number(0);
    CHECK(questions <= 2 * 50);
    here.meets = nullptr;
    here.world.run_for(1h);
    CHECK(keeper.held(cluster_number(0)));
}

TEST_CASE("a cluster that is still being provisioned is asked about until it is there")
{
    keeper_world here;
    bool ready = false;
    here.meets = [&](const std::string& id, const seen_request& seen) -> std::optional<scripted_answer> {
        if (ready) return std::nullopt;
        if (seen.target().find("/kubeconfig") != std::string::npos) return failing_with(404);
        return scripted_answer{http_answer(200, R"({"kubernetes_cluster":{"id":")" + id + "\"}}")};
    };
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    news heard(here, keeper);
    here.world.run_for(5min);
    REQUIRE(heard.heard.size() == 1);
    CHECK(heard.heard.front().error == errc::not_ready);
    CHECK_FALSE(heard.heard.front().valid_until);
    ready = true;
    here.world.run_for(31s);
    CHECK(keeper.held(cluster_number(0)));
}

TEST_CASE("a machine that slept hands out nothing that expired meanwhile, and renews soon")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(2));
    here.world.run_for(10min);
    here.world.time->sleep(8h);
    CHECK_FALSE(keeper.held(cluster_number(0)));
    here.world.run_for(61s);
    CHECK(keeper.held(cluster_number(0)));
    CHECK(here.all_minted == 4);
    CHECK(asked(here, keeper, cluster_number(1)).wait().cluster_id() == cluster_number(1));
    CHECK(here.all_minted == 4);
}

TEST_CASE("a wall clock that steps changes nothing")
{
    for (const auto step : {-30 * 24h, -1h, 1h, 30 * 24h}) {
        keeper_world here;
        const auto keeper = here.make({.expiry = 1h});
        keeper.keep(numbered(1));
        here.world.run_for(10min);
        here.world.time->step_wall(step);
        CHECK(keeper.held(cluster_number(0)));
        here.world.run_for(35min);
        CHECK(here.all_minted == 1);
        here.world.run_for(10min);
        CHECK(here.all_minted == 2);
    }
}

TEST_CASE("another API token mints nothing")
{
    keeper_world here;
    int generation = 0;
    here.config.token = token_coroutine(
        [&]() -> boost::asio::awaitable<secret> { co_return secret("token-" + std::to_string(generation)); });
    std::string valid = "token-0";
    here.meets = [&](const std::string&, const seen_request& seen) -> std::optional<scripted_answer> {
        if (seen.head.find("Bearer " + valid + "\r\n") == std::string::npos) return failing_with(401);
        return std::nullopt;
    };
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(5));
    here.world.run_for(10min);
    generation = 1;
    valid = "token-1";
    here.world.run_for(30min);
    CHECK(here.all_minted == 5);
    CHECK(keeper.held(cluster_number(0)));
    here.world.run_for(15min);
    CHECK(here.all_minted == 10);
    CHECK(keeper.stats().failing == 0);
}

TEST_CASE(
    "a credential that the cluster refused is renewed at once; a late complaint about an earlier one is not heard")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    here.world.run_for(1min);
    const auto first = keeper.held(cluster_number(0));
    REQUIRE(first);
    keeper.invalidate(cluster_number(0));
    CHECK_FALSE(keeper.held(cluster_number(0)));
    here.world.run_for(1s);
    const auto second = keeper.held(cluster_number(0));
    REQUIRE(second);
    CHECK(second->bytes() != first->bytes());
    keeper.invalidate(*first);
    CHECK(keeper.held(cluster_number(0)));
    keeper.invalidate(*second);
    CHECK_FALSE(keeper.held(cluster_number(0)));
    here.world.run_for(1s);
    CHECK(here.all_minted == 3);

    asked(here, keeper, cluster_number(7)).wait();
    keeper.invalidate(cluster_number(7));
    here.world.run_for(1min);
    CHECK(here.minted[cluster_number(7)] == 1);
    asked(here, keeper, cluster_number(7)).wait();
    CHECK(here.minted[cluster_number(7)] == 2);
}

TEST_CASE("a keep of other ids ends the renewals of those that are not among them")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(4));
    here.world.run_for(1min);
    keeper.keep({cluster_number(3), cluster_number(9)});
    here.world.run_for(1min);
    CHECK(keeper.stats().kept == 2);
    CHECK(here.all_minted == 5);
    CHECK(keeper.held(cluster_number(0)));
    here.world.run_for(3h);
    CHECK(here.minted[cluster_number(0)] == 1);
    CHECK(here.minted[cluster_number(3)] >= 4);
    keeper.keep({});
    here.world.run();
    CHECK(keeper.stats().kept == 0);
}

TEST_CASE("a credential that is asked for now and then is renewed when it is due, while the old one is given")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    const auto first = asked(here, keeper, cluster_number(0)).wait();
    here.world.run_for(55min);
    CHECK(asked(here, keeper, cluster_number(0)).wait().bytes() == first.bytes());
    here.world.run_for(1s);
    CHECK(here.all_minted == 2);
    CHECK(keeper.held(cluster_number(0))->bytes() != first.bytes());
}

}
