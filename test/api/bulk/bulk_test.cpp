#include "api/simulator_fixture.hpp"

#include <algorithm>
#include <map>
#include <set>

// Bulks against the simulator over TLS: one outcome for each id, whatever fails.

namespace doks::test {

namespace {

std::set<std::string> ids_of(const std::vector<bulk_item>& items)
{
    std::set<std::string> ids;
    for (const auto& item : items) ids.insert(item.cluster.id);
    return ids;
}

std::size_t successes(const std::vector<bulk_item>& items)
{
    return static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](const auto& item) { return item.outcome.has_value(); }));
}

const bulk_item& item_of(const std::vector<bulk_item>& items, std::string_view id)
{
    const auto found =
        std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.cluster.id == id; });
    REQUIRE(found != items.end());
    return *found;
}

std::set<std::string> set_of(const std::vector<std::string>& ids) { return {ids.begin(), ids.end()}; }

constexpr auto absent = "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11";

}

TEST_CASE("a bulk yields one outcome for each distinct id, and fetches an id that is given twice once")
{
    simulator_fixture fixture(unlimited(100));
    const auto once = fixture.api.cluster_ids();
    auto ids = once;
    ids.insert(ids.end(), once.begin(), once.begin() + 40);
    auto all = fixture.client().kubeconfigs(ids);
    const auto items = fixture.run(read_all(all));

    CHECK(items.size() == 100);
    CHECK(ids_of(items) == set_of(ids));
    CHECK(std::all_of(items.begin(), items.end(), [&](const auto& item) { return is_for_its_own(fixture.api, item); }));
    for (const auto& [id, times] : fixture.api.counts().kubeconfig_requests_by_cluster) CHECK(times == 1);
    CHECK(fixture.api.counts().minted == 100);
    CHECK(all.summary().total == 100);
    CHECK(all.summary().fetched == 100);
    CHECK(all.summary().done() == 100);
}

TEST_CASE("listed clusters keep what was listed, and their client's label")
{
    simulator_fixture fixture;
    const auto client = fixture.client().with(token(fixture.api.token()), "team-a");
    const auto program = [&]() -> asio::awaitable<std::vector<bulk_item>> {
        auto listed = co_await client.clusters();
        auto all = client.kubeconfigs(listed);
        auto items = co_await read_all(all);
        co_return items;
    };
    for (const auto& item : fixture.run(program())) {
        CHECK(item.label == "team-a");
        CHECK(item.cluster.name == fixture.api.cluster(item.cluster.id).name);
        CHECK(item.cluster.region == fixture.api.cluster(item.cluster.id).region);
    }
}

TEST_CASE("bulks of several clients join into one stream, before and after its first outcome")
{
    simulator_fixture fixture(unlimited(60));
    const auto ids = fixture.api.cluster_ids();
    const auto base = fixture.client();
    const auto part = [&](const std::string& label, std::ptrdiff_t from) {
        const auto client = base.with(token(fixture.api.add_token({.label = label})), label);
        return client.kubeconfigs(std::vector<std::string>(ids.begin() + from, ids.begin() + from + 20));
    };
    bulk all = part("a", 0);
    all.add(part("b", 20));
    const auto program = [&]() -> asio::awaitable<std::vector<bulk_item>> {
        auto first = co_await all.next();
        all.add(part("c", 40));
        auto items = co_await read_all(all);
        items.push_back(std::move(*first));
        co_return items;
    };
    const auto items = fixture.run(program());
    CHECK(ids_of(items) == set_of(ids));
    CHECK(items.size() == 60);
    std::map<std::string, int> by_label;
    for (const auto& item : items) ++by_label[item.label];
    CHECK(by_label == std::map<std::string, int>{{"a", 20}, {"b", 20}, {"c", 20}});
    CHECK(all.summary().fetched == 60);
}

TEST_CASE("a bulk without a reader stops fetching; outcomes that were not read count as in flight")
{
    simulator_fixture fixture(unlimited(50));
    fixture.api.set_latency({2ms, 5ms});
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 4});
    fixture.run_dry();
    CHECK(fixture.api.counts().requests == 0);

    const auto one = [&]() -> asio::awaitable<bool> {
        auto item = co_await all.next();
        co_return item.has_value();
    };
    CHECK(fixture.run(one()));
    CHECK(fixture.api.counts().requests == 5);
    CHECK(fixture.run(one()));
    CHECK(fixture.api.counts().requests == 6);
    CHECK(fixture.run(read_all(all)).size() == 48);
    CHECK(fixture.api.counts().max_in_flight == 4);
    CHECK(fixture.api.counts().requests == 50);
}

TEST_CASE("faults on a tenth of all requests: nothing is lost, nothing fails, each for its own cluster")
{
    const auto count = many(1000);
    auto how = unlimited(count);
    how.faults = sim::parse_faults("mixed=0.1");
    simulator_fixture fixture(how);
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids());
    const auto items = fixture.run(read_all(all));

    const auto summary = all.summary();
    CHECK(items.size() == count);
    CHECK(ids_of(items) == set_of(fixture.api.cluster_ids()));
    CHECK(summary.fetched == count);
    CHECK(summary.failed == 0);
    CHECK(std::all_of(items.begin(), items.end(), [&](const auto& item) { return is_for_its_own(fixture.api, item); }));
    CHECK(summary.retries > 0);
    CHECK(fixture.api.counts().faults.size() >= (count < 1000 ? 4 : 8));
    MESSAGE(count << " clusters, " << fixture.api.counts().requests << " requests, " << summary.retries
                  << " retries: 0 lost, 0 failed, 0 for another cluster");
}

TEST_CASE("an id that cannot be one is that id's outcome, and is never sent")
{
    simulator_fixture fixture;
    const std::vector<std::string> bad = {"../../account", "", "a b", "a/b", "..", "new\nline"};
    auto ids = bad;
    ids.push_back(fixture.first());
    auto all = fixture.client().kubeconfigs(ids);
    const auto items = fixture.run(read_all(all));
    CHECK(items.size() == 7);
    for (const auto& id : bad) CHECK(item_of(items, id).outcome.error() == condition::invalid);
    CHECK(item_of(items, fixture.first()).outcome.has_value());
    CHECK(all.summary().failed == 6);
    CHECK(fixture.api.counts().requests == 1);
}

TEST_CASE("a 404 tells a cluster that is not ready from one that is gone")
{
    simulator_fixture fixture;
    const auto ids = fixture.api.cluster_ids();
    const auto young = fixture.api.set_cluster({.state = "provisioning"});
    const auto client = fixture.client();
    const auto program = [&]() -> asio::awaitable<void> {
        auto listed = co_await client.clusters();
        fixture.api.remove_cluster(ids[1]);

        auto by_id = client.kubeconfigs({ids[0], ids[1], young, absent});
        auto items = co_await read_all(by_id);
        CHECK(item_of(items, young).outcome.error() == errc::not_ready);
        CHECK(item_of(items, ids[1]).outcome.error() == condition::not_found);
        CHECK(item_of(items, absent).outcome.error().api_id() == "not_found");
        CHECK(by_id.summary().fetched == 1);
        CHECK(by_id.summary().not_ready == 1);
        CHECK(by_id.summary().gone == 2);
        CHECK(by_id.summary().failed == 0);

        const auto before = fixture.api.counts().requests;
        auto by_listing = client.kubeconfigs(listed);
        auto more = co_await read_all(by_listing);
        CHECK(item_of(more, young).outcome.error() == errc::not_ready);
        CHECK(by_listing.summary().not_ready == 1);
        CHECK(by_listing.summary().gone == 1);
        CHECK(fixture.api.counts().requests == before + 4);
    };
    fixture.run(program());
}

TEST_CASE("a fresh kubeconfig is yielded and not fetched")
{
    simulator_fixture fixture(unlimited(30));
    const auto ids = fixture.api.cluster_ids();
    bulk_options how;
    how.in_flight = 3;
    how.fresh = [&](const std::string& id) -> std::optional<kubeconfig> {
        const auto at = std::find(ids.begin(), ids.end(), id) - ids.begin();
        if (at % 3 == 0) return std::nullopt;
        return kubeconfig("from the disk", {.cluster_id = id});
    };
    auto all = fixture.client().kubeconfigs(ids, how);
    const auto items = fixture.run(read_all(all));
    CHECK(ids_of(items) == set_of(ids));
    for (const auto& item : items) {
        REQUIRE(item.outcome.has_value());
        CHECK(item.fresh == (item.outcome->bytes() == "from the disk"));
    }
    CHECK(all.summary().fresh == 20);
    CHECK(all.summary().fetched == 10);
    CHECK(fixture.api.counts().kubeconfig_requests == 10);
}

TEST_CASE("a bulk of nothing is over at once")
{
    simulator_fixture fixture;
    auto none = fixture.client().kubeconfigs(std::vector<std::string>());
    CHECK(fixture.run(read_all(none)).empty());
    bulk blank;
    CHECK(fixture.run(read_all(blank)).empty());
    CHECK(fixture.api.counts().connections == 0);
}

TEST_CASE("an expiry that cannot be is refused before the bulk begins")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    CHECK_THROWS_AS(client.kubeconfigs(fixture.api.cluster_ids(), {.expiry = -1s}), failure);
    CHECK_THROWS_AS(
        client.kubeconfigs(fixture.api.cluster_ids(), {.expiry = 1h, .type = credential_type::sso}), failure);
}

TEST_CASE("a kubeconfig of another cluster is never an outcome; the connection that brought it is not used again")
{
    simulator_fixture fixture(unlimited(5));
    const auto client = fixture.client();
    fixture.api.script(fault_of(sim::fault_kind::wrong_cluster), "/v2/kubernetes/clusters/", 3);
    auto all = client.kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 1});
    const auto items = fixture.run(read_all(all));
    for (const auto& item : items)
        CHECK((is_for_its_own(fixture.api, item) || item.outcome.error() == errc::wrong_cluster));
    CHECK(successes(items) + all.summary().failed == 5);
}

}
