#include "api/simulator_fixture.hpp"
#include "support/user_policies.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <algorithm>
#include <optional>

// Clusters by what they are: by name, by a selector; and who the token's owner is inside one.

namespace doks::test {

namespace {

const std::string list = "/v2/kubernetes/clusters?";

/// The failure that the call throws; a failure without a code if it throws none.
template <class T> failure failure_of(simulator_fixture& in, asio::awaitable<T> work)
{
    try {
        in.run(std::move(work));
    } catch (const failure& why) {
        return why;
    }
    FAIL("it ought to have failed");
    return {};
}

std::vector<std::string> ids_of(const std::vector<cluster>& all)
{
    std::vector<std::string> ids;
    for (const auto& each : all) ids.push_back(each.id);
    return ids;
}

}

TEST_CASE("a cluster is found by its name on whatever page it stands")
{
    simulator_fixture fixture(unlimited(450));
    const auto id = fixture.api.set_cluster({.name = "blue", .region = "ams3"});
    const auto got = fixture.run(fixture.client().find_cluster("blue"));
    CHECK(got.id == id);
    CHECK(got.region == "ams3");
    CHECK(fixture.api.journal().size() == 3);
    CHECK(fixture.api.counts().minted == 0);
}

TEST_CASE("a name that no cluster has says how many the token sees, one that several have lists their ids")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    const auto none = failure_of(fixture, client.find_cluster("absent"));
    CHECK(none == errc::no_such_cluster);
    CHECK(none == condition::not_found);
    CHECK(none.message().find("none of the 3 clusters") != std::string::npos);

    const auto first = fixture.api.set_cluster({.name = "twin"});
    const auto second = fixture.api.set_cluster({.name = "twin"});
    const auto several = failure_of(fixture, client.find_cluster("twin"));
    CHECK(several == errc::ambiguous_name);
    CHECK(several == condition::invalid);
    CHECK(several.message().find(first) != std::string::npos);
    CHECK(several.message().find(second) != std::string::npos);

    const auto before = fixture.api.counts().requests;
    CHECK(failure_of(fixture, client.find_cluster("")) == errc::invalid_argument);
    CHECK(fixture.api.counts().requests == before);
}

TEST_CASE("a list that does not add up finds nothing and selects nothing")
{
    simulator_fixture fixture;
    fixture.api.script(answer_with(R"({"kubernetes_clusters":[{"id":"a","name":"x"}],"meta":{"total":2}})"), list, 10);
    CHECK(failure_of(fixture, fixture.client().find_cluster("x")) == errc::incomplete_listing);
    const cluster_selector none{{"nowhere"}, {}, {}};
    CHECK(failure_of(fixture, fixture.client().clusters(none)) == errc::incomplete_listing);
}

TEST_CASE("clusters are selected by region, tag and state, from all pages")
{
    simulator_fixture fixture(unlimited(250));
    const auto blue = fixture.api.set_cluster({.name = "blue", .region = "ams3", .tags = {"prod"}});
    const auto red = fixture.api.set_cluster({.name = "red", .region = "ams3", .state = "degraded", .tags = {"test"}});
    const auto client = fixture.client();

    cluster_selector wanted;
    CHECK(fixture.run(client.clusters(wanted)).size() == 252);
    wanted.tags = {"prod", "test"};
    CHECK(ids_of(fixture.run(client.clusters(wanted))) == std::vector<std::string>{blue, red});
    wanted.states = {"degraded"};
    CHECK(ids_of(fixture.run(client.clusters(wanted, {.timeout = 20s}))) == std::vector<std::string>{red});
    wanted.regions = {"sfo3"};
    CHECK(fixture.run(client.clusters(wanted)).empty());
}

TEST_CASE("a selection and a search take other completion tokens and a coroutine")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    const cluster_selector wanted{{}, {}, {"running"}};
    auto later = client.clusters(wanted, {}, asio::use_future);
    auto all = client.clusters({}, asio::use_future);
    auto one = client.find_cluster(fixture.api.cluster(fixture.first()).name, {}, asio::use_future);
    fixture.run_dry();
    CHECK(later.get().size() == 3);
    CHECK(all.get().size() == 3);
    CHECK(one.get().id == fixture.first());

    const auto program = [](doks::client from) -> asio::awaitable<std::size_t> {
        cluster_selector some;
        some.states = {"running", "a state that is longer than what fits into a string without allocation"};
        auto found = co_await from.clusters(some, {.timeout = 30s});
        auto second = co_await from.find_cluster("cluster-2", {.timeout = 30s});
        auto ready = co_await from.wait_ready(second.id, {.timeout = 30s});
        auto exact = co_await from.kubeconfig(second.id, {.expiry = 1h, .expiry_is = expiry_precision::exact});
        co_return found.size() + some.states.size() + (ready.id == second.id) + exact.expires_exactly();
    };
    CHECK(fixture.run(program(client)) == 7);
}

TEST_CASE("a search is cancelled in mid-page")
{
    simulator_fixture fixture(unlimited(300));
    fixture.api.script(fault_of(sim::fault_kind::none));
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte));
    asio::cancellation_signal signal;
    std::optional<failure> thrown;
    unsigned completions = 0;
    fixture.client().find_cluster(
        "x", {}, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr why, const cluster&) {
            ++completions;
            try {
                std::rethrow_exception(why);
            } catch (const failure& caught) {
                thrown = caught;
            }
        }));
    fixture.run_until_requests(2);
    signal.emit(asio::cancellation_type::terminal);
    fixture.run_dry();
    CHECK(completions == 1);
    REQUIRE(thrown);
    CHECK(*thrown == condition::cancelled);
}

TEST_CASE("who the token's owner is inside a cluster, without minting anything")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    const auto owner = fixture.run(client.cluster_user(fixture.first()));
    CHECK_FALSE(owner.username.empty());
    CHECK(std::count(owner.groups.begin(), owner.groups.end(), "k8saas:admin") == 1);
    CHECK(owner.info.attempts == 1);
    CHECK(owner.info.request_id == fixture.api.journal().back().request_id);
    CHECK(fixture.api.journal().back().path == "/v2/kubernetes/clusters/" + fixture.first() + "/user");

    const auto custom_role =
        client.with(token(fixture.api.add_token({.label = "custom", .role = sim::role::custom})), "custom");
    const auto custom = fixture.run(custom_role.cluster_user(fixture.first()));
    CHECK(std::count(custom.groups.begin(), custom.groups.end(), "k8saas:admin") == 0);
    CHECK(fixture.api.counts().minted == 0);

    CHECK(failure_of(fixture, client.cluster_user("b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11")) == condition::not_found);
    CHECK(failure_of(fixture, client.cluster_user("a/b")) == condition::invalid);
}

TEST_CASE("a user that is no user is an unexpected response; groups may be missing")
{
    simulator_fixture fixture;
    for (const char* body : {"", "{}", R"({"kubernetes_cluster_user":[]})", R"({"kubernetes_cluster_user":{}})"}) {
        fixture.api.script(answer_with(body), "/v2/kubernetes/clusters/");
        CHECK(failure_of(fixture, fixture.client().cluster_user(fixture.first())) == errc::unexpected_response);
    }
    fixture.api.script(
        answer_with(R"({"kubernetes_cluster_user":{"username":"a@b","groups":null}})"), "/v2/kubernetes/clusters/");
    CHECK(fixture.run(fixture.client().cluster_user(fixture.first())).groups.empty());
}

TEST_CASE("a wait passes through the client's own policy, coroutines included")
{
    simulator_fixture fixture;
    const counted calls;
    fixture.api.script(fault_of(sim::fault_kind::status, 503));
    const auto client = fixture.client().with(retry(attempts(3), constant_backoff(1ms)) | calls);
    CHECK(fixture.run(client.wait_ready(fixture.first())).id == fixture.first());
    CHECK(*calls.entered == 2);
    const auto exact = fixture.run(client.kubeconfig(fixture.first(), {.expiry_is = expiry_precision::exact}));
    CHECK(exact.expires_exactly());
    CHECK(*calls.entered == 4);
}

}
