#include "keeper/keeper_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <memory>

namespace doks::test {

TEST_CASE("calls for the same cluster share one request")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    std::vector<std::unique_ptr<asked>> all;
    for (int i = 0; i < 10'000; ++i)
        all.push_back(std::make_unique<asked>(here, keeper, cluster_number(static_cast<std::size_t>(i % 100))));
    for (const auto& each : all)
        CHECK(each->wait().cluster_id() == id_in("/clusters/" + each->wait().cluster_id() + "/"));
    CHECK(here.all_minted == 100);
    CHECK(keeper.stats().minted == 100);
    CHECK(keeper.stats().saved == 9'900);
    CHECK(keeper.stats().held == 100);
}

TEST_CASE("a held credential is given without a request")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    CHECK_FALSE(keeper.held(cluster_number(1)));
    const auto first = asked(here, keeper, cluster_number(1)).wait();
    const auto second = asked(here, keeper, cluster_number(1)).wait();
    CHECK(first.bytes().data() == second.bytes().data());
    CHECK(keeper.held(cluster_number(1))->bytes() == first.bytes());
    CHECK(here.all_minted == 1);
    CHECK(keeper.stats().saved == 2);
}

TEST_CASE("an id in capitals is the same cluster")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    const std::string id = "abcdef01-2222-4333-8444-555555555501", capitals = "ABCDEF01-2222-4333-8444-555555555501";
    const auto first = asked(here, keeper, capitals).wait();
    CHECK(asked(here, keeper, id).wait().bytes().data() == first.bytes().data());
    CHECK(keeper.held(capitals));
    CHECK(keeper.held(id));
    keeper.invalidate(capitals);
    CHECK_FALSE(keeper.held(id));
    CHECK(here.all_minted == 1);
}

TEST_CASE("another expiry is another credential; an expiry of 0 is the keeper's own")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h});
    asked(here, keeper, cluster_number(1)).wait();
    CHECK(asked(here, keeper, cluster_number(1), {.expiry = 15min}).wait().expiry() == 15min);
    CHECK(asked(here, keeper, cluster_number(1), {.expiry = 1h}).wait().expiry() == 1h);
    CHECK(here.all_minted == 2);
    CHECK(here.world.network->requests().front().target().ends_with("/kubeconfig?expiry_seconds=3600&type=token"));
}

TEST_CASE("a cancelled waiter ends alone, and the request goes on for the others and for later")
{
    keeper_world here;
    here.meets = [](const std::string& id, const seen_request&) {
        return scripted_answer{http_answer(200, kubeconfig_text(id)), 2s};
    };
    const auto keeper = here.make({.expiry = 1h});
    boost::asio::cancellation_signal stop;
    int cancelled = 0;
    keeper.try_kubeconfig(
        cluster_number(1), {}, boost::asio::bind_cancellation_slot(stop.slot(), [&](result<kubeconfig> got) {
            REQUIRE_FALSE(got.has_value());
            CHECK(got.error() == condition::cancelled);
            ++cancelled;
        }));
    asked other(here, keeper, cluster_number(1));
    here.world.run_for(1s);
    stop.emit(boost::asio::cancellation_type::total);
    stop.emit(boost::asio::cancellation_type::total);
    other.wait();
    CHECK(cancelled == 1);
    CHECK(here.world.network->requests().size() == 1);

    boost::asio::cancellation_signal alone;
    keeper.try_kubeconfig(cluster_number(2), {},
        boost::asio::bind_cancellation_slot(alone.slot(), [&](result<kubeconfig>) { ++cancelled; }));
    here.world.run_for(1s);
    alone.emit(boost::asio::cancellation_type::terminal);
    here.world.run_for(3s);
    CHECK(cancelled == 2);
    CHECK(keeper.held(cluster_number(2)));
}

TEST_CASE("a waiter's deadline is its own, and names what was waited for")
{
    keeper_world here;
    here.meets = [](const std::string& id, const seen_request&) {
        return scripted_answer{http_answer(200, kubeconfig_text(id)), 5s};
    };
    const auto keeper = here.make();
    const auto began = here.world.time->steady_now();
    asked patient(here, keeper, cluster_number(1));
    asked hasty(here, keeper, cluster_number(1), {.deadline = began + 2s});
    const auto why = hasty.fails();
    CHECK(why == condition::timeout);
    CHECK(why.phase() == "first byte");
    CHECK(why.why_stopped() == stop_reason::deadline);
    CHECK(hasty.ended - began == 2s);
    CHECK(patient.wait().cluster_id() == cluster_number(1));
}

TEST_CASE("a waiter whose quota does not come in time learns when there is some")
{
    keeper_world here;
    here.config.rate_limit = {{1, 1min}};
    const auto keeper = here.make();
    asked first(here, keeper, cluster_number(1));
    first.wait();
    asked second(here, keeper, cluster_number(2), {.timeout = 10s});
    const auto why = second.fails();
    CHECK(why == condition::throttled);
    CHECK(why.retry_after() > 40s);
    CHECK(why.retry_after() <= 60s);
}

TEST_CASE("a call overtakes the renewals that wait for quota")
{
    keeper_world here;
    here.config.rate_limit = {{11, 1min}};
    const auto client = here.world.client(here.config);
    const doks::keeper keeper(client, {.expiry = 1h, .in_flight = 40, .reserved_slots = 10});
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 40; ++i) ids.push_back(cluster_number(i));
    keeper.keep(ids);
    here.world.run_for(1s);
    CHECK(here.all_minted == 1);
    asked wanted(here, keeper, cluster_number(30));
    const auto began = here.world.time->steady_now();
    wanted.wait();
    CHECK(wanted.ended - began < 1s);
    CHECK(here.minted[cluster_number(30)] == 1);
}

TEST_CASE("a malformed id or expiry is refused, and nothing is asked")
{
    keeper_world here;
    const auto keeper = here.make();
    CHECK(asked(here, keeper, "../account").fails() == condition::invalid);
    CHECK(asked(here, keeper, std::string(500, 'a')).fails() == condition::invalid);
    CHECK(asked(here, keeper, cluster_number(1), {.expiry = -1s}).fails() == condition::invalid);
    CHECK_THROWS_AS(keeper.keep({cluster_number(1), "a b"}), failure);
    CHECK_THROWS_WITH(here.make({.expiry = -1s}), doctest::Contains("expiry is negative"));
    CHECK_THROWS_WITH(here.make({.margin = -1s}), doctest::Contains("margin is negative"));
    CHECK_THROWS_WITH(here.make({.in_flight = 0}), doctest::Contains("in_flight is zero"));
    CHECK_THROWS_WITH(here.make({.max_entries = 0}), doctest::Contains("max_entries is zero"));
    CHECK(here.world.network->requests().empty());
}

TEST_CASE("errors come as the client's own")
{
    keeper_world here;
    const auto keeper = here.make();
    here.meets = [](const std::string&, const seen_request&) { return failing_with(403); };
    CHECK(asked(here, keeper, cluster_number(1)).fails() == condition::denied);
    here.meets = [](const std::string&, const seen_request&) { return failing_with(404); };
    CHECK(asked(here, keeper, cluster_number(1)).fails() == condition::not_found);
    here.meets = [](const std::string& id, const seen_request& seen) {
        const bool kubeconfig = seen.target().find("/kubeconfig") != std::string::npos;
        return kubeconfig ? failing_with(404)
                          : scripted_answer{http_answer(200, R"({"kubernetes_cluster":{"id":")" + id + "\"}}")};
    };
    CHECK(asked(here, keeper, cluster_number(1)).fails() == errc::not_ready);
    here.meets = nullptr;
    asked(here, keeper, cluster_number(1)).wait();
    CHECK(keeper.stats().held == 1);
    CHECK(keeper.stats().failing == 0);
}

TEST_CASE("no more is held unasked than was allowed, and what was used last stays")
{
    keeper_world here;
    const auto keeper = here.make({.expiry = 1h, .max_entries = 10});
    for (std::size_t i = 0; i < 15; ++i) {
        asked(here, keeper, cluster_number(i)).wait();
        CHECK(keeper.held(cluster_number(0)));
    }
    CHECK(keeper.stats().held == 10);
    CHECK_FALSE(keeper.held(cluster_number(4)));
    CHECK(keeper.held(cluster_number(14)));
}

TEST_CASE("without kept ids the context has no work, and the last handle ends the waiters")
{
    keeper_world here;
    std::optional<doks::keeper> keeper = here.make();
    asked(here, *keeper, cluster_number(1)).wait();
    here.world.run();
    here.meets = [](const std::string&, const seen_request&) {
        scripted_answer none;
        none.silent = true;
        return none;
    };
    asked lost(here, *keeper, cluster_number(2));
    news heard(here, *keeper);
    here.world.run_for(1s);
    keeper.reset();
    CHECK(lost.fails() == errc::stopped);
    here.world.run();
    CHECK(heard.ended);
}

}
