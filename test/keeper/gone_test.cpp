#include "keeper/stored_world.hpp"

// When 404s mean that a cluster is gone, and what that takes away.

namespace doks::test {

namespace {

std::optional<scripted_answer> of_gateway(const std::string&, const seen_request&)
{
    return scripted_answer{http_answer(404, "<html><h1>404 Not Found</h1>nginx</html>", "Content-Type: text/html\r\n")};
}

std::optional<scripted_answer> of_api(const std::string&, const seen_request&) { return failing_with(404); }

bool is_of_kubeconfig(const seen_request& seen) { return seen.target().find("/kubeconfig") != std::string::npos; }

scripted_answer cluster_named(const std::string& id)
{
    return {http_answer(200, R"({"kubernetes_cluster":{"id":")" + id + "\"}}")};
}

}

TEST_CASE("a cluster that is gone takes no file of another process with it")
{
    stored_world in;
    const auto keeper = in.make(40s);
    news heard(in.here, keeper);
    keeper.keep(numbered(1));
    in.run(2s);
    const auto week = in.make(168h);
    week.keep(numbered(1));
    in.run(1s);
    const auto live = week.held(cluster_number(0));
    REQUIRE(live);
    REQUIRE(in.file(0) == live->bytes());
    in.here.meets = of_api;
    in.run(5min);
    CHECK(heard.count(renewal_status::gone) == 1);
    CHECK(in.file(0) == live->bytes());
}

TEST_CASE("404s of a gateway, which are not the API's own, never mean that a cluster is gone")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    keeper.keep(numbered(2));
    in.run(1min);
    in.here.meets = of_gateway;
    in.run(12h);
    CHECK(heard.count(renewal_status::gone) == 0);
    CHECK(heard.count(renewal_status::failing) == 2);
    in.here.meets = nullptr;
    in.run(11min);
    CHECK(keeper.stats().valid == 2);
}

TEST_CASE("of two responses the one about the cluster itself tells whether the API knows it")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    in.here.meets = [](const std::string& id, const seen_request& seen) {
        return is_of_kubeconfig(seen) == (id == cluster_number(0)) ? of_api(id, seen) : of_gateway(id, seen);
    };
    keeper.keep(numbered(2)); // the second one's kubeconfig is a gateway's 404, the cluster the API's own
    in.run(4h);
    REQUIRE(heard.count(renewal_status::gone) == 1);
    for (const auto& each : heard.heard)
        if (each.status == renewal_status::gone) CHECK(each.id == cluster_number(1));
}

TEST_CASE("404s for every cluster of an account take away no credential that is valid")
{
    stored_world in;
    const auto keeper = in.make(168h);
    news heard(in.here, keeper);
    keeper.keep(numbered(10));
    in.run(130h);
    in.here.meets = of_api;
    for (int hour = 0; hour < 37; ++hour) {
        in.run(1h);
        REQUIRE(heard.count(renewal_status::gone) == 0);
        for (std::size_t i = 0; i < 10; ++i) {
            const auto held = keeper.held(cluster_number(i));
            REQUIRE(held);
            CHECK(in.file(i) == held->bytes());
        }
    }
    CHECK(heard.count(renewal_status::failing) == 10);
    in.run(2h); // they have expired
    CHECK(heard.count(renewal_status::gone) == 10);
    for (std::size_t i = 0; i < 10; ++i) CHECK(in.file(i).empty());
}

TEST_CASE("a cluster that the API knows is not gone, though it has no kubeconfig for it meanwhile")
{
    stored_world in;
    const auto keeper = in.make(2min);
    news heard(in.here, keeper);
    keeper.keep(numbered(1));
    in.run(1s);
    std::size_t requests = 0;
    in.here.meets = [&](const std::string& id, const seen_request& seen) -> std::optional<scripted_answer> {
        if (is_of_kubeconfig(seen)) return failing_with(404);
        return ++requests % 5 == 0 ? cluster_named(id) : *failing_with(404); // a replica that lags, now and then
    };
    in.run(2h);
    CHECK(heard.count(renewal_status::gone) == 0);
}

TEST_CASE("the pause after a kubeconfig that is not ready does not outlast a short credential")
{
    stored_world in;
    const auto keeper = in.make(40s);
    keeper.keep(numbered(1));
    in.run(1s);
    const auto first = keeper.held(cluster_number(0));
    REQUIRE(first);
    in.run(31s);
    in.here.meets = [](const std::string& id, const seen_request& seen) -> std::optional<scripted_answer> {
        return is_of_kubeconfig(seen) ? *failing_with(404) : cluster_named(id);
    };
    keeper.keep(numbered(1));
    in.run(4s);
    in.here.meets = nullptr;
    for (int i = 0; i < 100; ++i) {
        in.run(100ms);
        REQUIRE(keeper.held(cluster_number(0)));
    }
    CHECK(keeper.stats().failing == 0);
}

TEST_CASE("two keepers that begin together on one directory leave each other's files alone")
{
    stored_world in;
    const auto one = in.make(1h);
    const auto other = in.make(1h);
    one.keep(numbered(6));
    other.keep(numbered(6));
    in.run(1min);
    const auto settled = in.file(0);
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        in.run(1s);
        for (std::size_t number = 0; number < 6; ++number) seen.insert(in.file(number));
    }
    CHECK(seen.size() == 6);
    for (std::size_t number = 0; number < 6; ++number) {
        CHECK(in.file(number) == one.held(cluster_number(number))->bytes());
        CHECK(in.file(number) == other.held(cluster_number(number))->bytes());
    }
    CHECK(in.here.all_minted <= 12);
}

}
