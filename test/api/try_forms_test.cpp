#include "api/simulator_fixture.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

// Every call that throws a failure has a form that brings it as a result.

namespace doks::test {

namespace {

/// The call's outcome in either form: the same value or the same failure.
template <class T>
void check_same(
    simulator_fixture& in, asio::awaitable<T> throwing, asio::awaitable<result<T>> trying, const condition expected)
{
    condition thrown = condition::none;
    try {
        in.run(std::move(throwing));
    } catch (const failure& why) {
        thrown = why.condition();
    }
    const auto got = in.run(std::move(trying));
    CHECK(to_string(thrown) == to_string(expected));
    CHECK(to_string(got ? condition::none : got.error().condition()) == to_string(expected));
}

/// All calls of a client about a cluster that exists, or not.
void check_calls(simulator_fixture& in, const client& of, const std::string& id, condition expected)
{
    check_same(in, of.kubeconfig(id), of.try_kubeconfig(id), expected);
    check_same(in, of.cluster(id), of.try_cluster(id), expected);
    check_same(in, of.cluster_user(id), of.try_cluster_user(id), expected);
    check_same(in, of.credentials(id), of.try_credentials(id), expected);
}

}

TEST_CASE("each call and its try_ form end alike: with a value, and with each failure")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    cluster_selector wanted;
    wanted.regions = {"nowhere"};
    const auto name = fixture.api.cluster(fixture.first()).name;
    check_calls(fixture, client, fixture.first(), condition::none);
    check_calls(fixture, client, "00000000-0000-4000-8000-000000000000", condition::not_found);
    check_calls(fixture, client, "a/b", condition::invalid);
    check_same(fixture, client.clusters(), client.try_clusters(), condition::none);
    check_same(fixture, client.clusters(wanted), client.try_clusters(wanted), condition::none);
    check_same(fixture, client.find_cluster(name), client.try_find_cluster(name), condition::none);
    check_same(fixture, client.find_cluster("?"), client.try_find_cluster("?"), condition::not_found);
    check_same(fixture, client.wait_ready(fixture.first()), client.try_wait_ready(fixture.first()), condition::none);
    check_same(fixture, client.wait_ready("a/b"), client.try_wait_ready("a/b"), condition::invalid);
    fixture.api.revoke_token(fixture.api.token());
    check_calls(fixture, client, fixture.first(), condition::denied);
    check_same(fixture, client.clusters(), client.try_clusters(), condition::denied);
    check_same(fixture, client.clusters(wanted), client.try_clusters(wanted), condition::denied);
    check_same(fixture, client.find_cluster(name), client.try_find_cluster(name), condition::denied);
    check_same(fixture, client.wait_ready(fixture.first()), client.try_wait_ready(fixture.first()), condition::denied);
}

TEST_CASE("a directory's calls and their try_ forms end alike")
{
    simulator_fixture fixture;
    const scratch_folder place;
    kubeconfig_directory directory(place / "out");
    const auto config = fixture.run(fixture.client().kubeconfig(fixture.first()));
    cluster about;
    about.id = fixture.first();
    cluster nameless;
    check_same(fixture, directory.erase(fixture.first()), directory.try_erase(fixture.first()), condition::none);
    check_same(fixture, directory.erase("a/b"), directory.try_erase("a/b"), condition::invalid);
    CHECK(fixture.run(directory.try_put(config, about)).has_value());
    CHECK(fixture.run(directory.try_put(config, nameless)).error() == condition::invalid);
    CHECK(directory.get(fixture.first()));
    bulk_item failed;
    failed.cluster = about;
    CHECK_FALSE(fixture.run(directory.try_put(failed)).has_value());
    check_same(fixture, directory.prune({}), directory.try_prune({}), condition::invalid);
    const auto pruned = fixture.run(directory.try_prune({}, std::nullopt, prune_limit::all));
    REQUIRE(pruned.has_value());
    CHECK(pruned->removed == std::vector<std::string>{fixture.first()});
    CHECK_FALSE(*fixture.run(directory.try_erase(fixture.first())));
}

TEST_CASE("a bulk's next item comes as a result, and so does its end")
{
    simulator_fixture fixture;
    auto all = fixture.client().kubeconfigs({fixture.first(), "a/b"});
    std::size_t items = 0;
    for (;;) {
        auto next = fixture.run(all.try_next());
        REQUIRE(next.has_value());
        if (!*next) break;
        ++items;
    }
    CHECK(items == 2);
}

}
