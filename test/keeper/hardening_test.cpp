#include "keeper/keeper_world.hpp"
#include "kubeconfig/samples.hpp"

#include <boost/asio/co_spawn.hpp>

// What a hostile reader found about keepers: events, pauses, quota, the end.

namespace doks::test {

namespace {

struct passing : user_policy
{
    template <class F> std::invoke_result_t<F&> operator()(F call) const
    {
        auto got = co_await call();
        co_return got;
    }
};

}

TEST_CASE("a credential that is held already when its id is kept is reported")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    news heard(here, keeper);
    asked(here, keeper, cluster_number(0)).wait();
    keeper.keep(numbered(1));
    here.world.run_for(5min);
    CHECK(heard.count(renewal_status::renewed) == 1);
    keeper.keep({});
    here.world.run_for(1s);
    keeper.keep(numbered(1));
    here.world.run_for(5min);
    MESSAGE("told ", heard.heard.size(), " times");
}

TEST_CASE("a slow reader's last word is the newest")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    auto changes = keeper.changes();
    keeper.keep(numbered(1));
    here.world.run_for(1min); // + renewed
    here.meets = [](const std::string&, const seen_request&) { return failing_with(503); };
    here.world.run_for(55min); // - failing
    here.meets = nullptr;
    here.world.run_for(10min); // + renewed again
    std::vector<renewal_status> words;
    changes.next([&](std::exception_ptr, std::optional<renewal_event> got) { words.push_back(got->status); });
    here.world.run_for(1s);
    REQUIRE(words.size() == 1);
    CHECK(keeper.stats().failing == 0);
    CHECK(words.back() == renewal_status::renewed);
}

TEST_CASE("gone is the last word of a cluster that is gone")
{
    keeper_world here;
    here.meets = [](const std::string&, const seen_request&) { return failing_with(503); };
    const auto keeper = here.make({.expiry = 1h});
    auto changes = keeper.changes();
    keeper.keep(numbered(1));
    here.world.run_for(5min); // - failing
    here.meets = nullptr;
    here.world.run_for(10min); // + renewed
    here.meets = [](const std::string&, const seen_request&) { return failing_with(404); };
    here.world.run_for(2h); // - gone
    std::vector<renewal_status> words;
    changes.next([&](std::exception_ptr, std::optional<renewal_event> got) { words.push_back(got->status); });
    here.world.run_for(1s);
    REQUIRE(words.size() == 1);
    CHECK(words.back() == renewal_status::gone);
}

TEST_CASE("a keep of no ids mints nothing more")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(200));
    keeper.keep({});
    here.world.run_for(10min);
    CHECK(here.all_minted <= 16);
    MESSAGE(here.all_minted, " minted without need");
}

TEST_CASE("a call that allows more than the client's default waits as long")
{
    keeper_world here;
    here.config.rate_limit = {{1, 3min}};
    const auto client = here.world.client(here.config);
    {
        const auto keeper = doks::keeper(client);
        asked(here, keeper, cluster_number(1)).wait();
        asked second(here, keeper, cluster_number(2), {.timeout = 10min});
        second.finish();
        CHECK(second.outcome->has_value());
        if (!*second.outcome) MESSAGE(second.outcome->error().message());
    }
    std::optional<result<kubeconfig>> plain;
    client.try_kubeconfig(
        cluster_number(3), {.timeout = 10min}, [&](result<kubeconfig> got) { plain.emplace(std::move(got)); });
    here.world.run([&] { return plain.has_value(); });
    CHECK(plain->has_value());
}

TEST_CASE("a certificate that does not change does not make the keeper hammer the API")
{
    keeper_world here;
    const auto end = here.wall() + 10 * 24h;
    const auto who = sample::expiring_at(end);
    std::size_t requests = 0;
    here.meets = [&](const std::string& id, const seen_request&) -> std::optional<scripted_answer> {
        ++requests;
        return scripted_answer{http_answer(200, sample::with_certificate(who, id)), 20ms};
    };
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    here.world.run_for(10 * 24h - 1min);
    MESSAGE(requests, " requests in the certificate's life less a minute");
    here.world.run_for(2min);
    MESSAGE(requests, " a minute after its end");
    const auto before = requests;
    here.world.run_for(1h);
    MESSAGE((requests - before), " requests in the next hour for one cluster");
    CHECK(requests - before < 200);
}

TEST_CASE("a brief denial does not outlast a short credential")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 2min});
    keeper.keep(numbered(1));
    core::instant denied_until{};
    here.meets = [&](const std::string&, const seen_request&) -> std::optional<scripted_answer> {
        if (here.world.time->steady_now() < denied_until) return failing_with(403);
        return std::nullopt;
    };
    std::size_t without = 0;
    for (int i = 0; i < 3600; ++i) {
        if (i % 600 == 0) denied_until = here.world.time->steady_now() + 120s;
        if (i % 600 == 130) denied_until = {};
        here.world.run_for(1s);
        if (i % 600 > 130 && !keeper.held(cluster_number(0))) ++without;
    }
    MESSAGE(without, " s of an hour without a credential after the denial was over");
}

TEST_CASE("a keeper under a user's policy goes with its context")
{
    for (const bool policed : {false, true}) {
        const auto token = std::make_shared<int>(0);
        const std::weak_ptr<int> watched = token;
        {
            auto here = std::make_unique<keeper_world>();
            here->meets = [](const std::string&, const seen_request&) {
                scripted_answer none;
                none.silent = true;
                return none;
            };
            here->config.observer = [token](const event&) {};
            std::optional<doks::client> plain(here->world.client(here->config));
            const_cast<std::shared_ptr<int>&>(token).reset();
            std::optional<doks::keeper> keeper;
            if (policed)
                keeper.emplace(
                    plain->with(retry(attempts(3), constant_backoff(1ms)) | passing()), keeper_options{.expiry = 1h});
            else
                keeper.emplace(*plain, keeper_options{.expiry = 1h});
            here->config.observer = nullptr;
            keeper->keep(numbered(2));
            here->world.run_for(1s);
            boost::asio::co_spawn(
                here->world.context,
                [](doks::keeper own, doks::client) -> boost::asio::awaitable<void> {
                    auto got = co_await own.try_kubeconfig(cluster_number(1));
                }(*keeper, *plain),
                [](std::exception_ptr) {});
            keeper.reset();
            here->world.run_for(1s);
            plain.reset();
            here.reset();
        }
        INFO("policed ", policed);
        CHECK(watched.expired());
    }
}

TEST_CASE("a second drain ends when nothing is left, too")
{
    keeper_world here;
    here.meets = [](const std::string& id, const seen_request&) -> std::optional<scripted_answer> {
        return scripted_answer{http_answer(200, kubeconfig_text(id, "x")), 2s};
    };
    const auto keeper = here.make({.expiry = 1h});
    asked one(here, keeper, cluster_number(1));
    here.world.run_for(100ms);
    bool first = false, second = false;
    keeper.drain(10s, [&] { first = true; });
    keeper.drain(10s, [&] { second = true; });
    here.world.run_for(100ms);
    CHECK_FALSE(first);
    CHECK_FALSE(second);
    here.world.run_for(5s);
    CHECK(first);
    CHECK(second);
}

TEST_CASE("invalidate does not break the pauses of an API that fails")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    here.world.run_for(1min);
    here.config.attempts = 1;
    here.meets = [](const std::string&, const seen_request&) { return failing_with(403); };
    const auto before = here.world.network->requests().size();
    for (int i = 0; i < 100; ++i) {
        keeper.invalidate(cluster_number(0));
        here.world.run_for(100ms);
    }
    MESSAGE((here.world.network->requests().size() - before), " requests in 10 s");
}

TEST_CASE("a late subscriber hears that a cluster is gone")
{
    keeper_world here;
    here.meets = [](const std::string&, const seen_request&) { return failing_with(404); };
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    here.world.run_for(45min);
    news heard(here, keeper);
    here.world.run_for(1s);
    REQUIRE(heard.heard.size() == 1);
    CHECK(heard.heard[0].status == renewal_status::gone);
}

TEST_CASE("a call whose renewal waits at bulk priority, parked later")
{
    keeper_world here;
    here.config.rate_limit = {{11, 1min}};
    here.meets = [&](const std::string&, const seen_request&) -> std::optional<scripted_answer> {
        return scripted_answer{
            http_answer(429, R"({"id":"too_many_requests","message":"y"})", "Retry-After: 30\r\n"), 1s};
    };
    const auto client = here.world.client(here.config);
    const doks::keeper keeper(client, {.expiry = 1h, .in_flight = 40, .reserved_slots = 10});
    keeper.keep(numbered(1));
    here.world.run_for(100ms);
    asked wanted(here, keeper, cluster_number(0));
    here.world.run_for(2s);
    here.meets = nullptr;
    const auto began = here.world.time->steady_now();
    wanted.finish();
    MESSAGE("after ", (wanted.ended - began).count() / 1000000000, " s ", wanted.outcome->has_value());
}

TEST_CASE("a keeper whose id is told gone, and the file of another process's newer credential")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    keeper.keep(numbered(1));
    here.world.run_for(1min);
    here.meets = [](const std::string&, const seen_request&) -> std::optional<scripted_answer> {
        return scripted_answer{
            http_answer(429, R"({"id":"too_many_requests","message":"y"})", "Retry-After: 3600\r\n")};
    };
    const auto before = here.world.network->requests().size();
    here.world.run_for(3h);
    MESSAGE((here.world.network->requests().size() - before), " requests in 3 h of 429 with Retry-After 3600; held ",
        keeper.stats().held);
    here.meets = nullptr;
    here.world.run_for(70min);
    CHECK(keeper.stats().held == 1);
}

}
