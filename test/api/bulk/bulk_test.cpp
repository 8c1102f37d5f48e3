#include "api/simulator_fixture.hpp"

#include <algorithm>
#include <map>
#include <set>

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

constexpr auto nobody = "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11";

}

TEST_CASE("a bulk yields one outcome for each distinct id, and fetches what is given twice once")
{
    house home(unlimited(100));
    const auto once = home.api.cluster_ids();
    auto ids = once;
    ids.insert(ids.end(), once.begin(), once.begin() + 40);
    auto all = home.client().kubeconfigs(ids);
    const auto items = home.run(read_all(all));

    CHECK(items.size() == 100);
    CHECK(ids_of(items) == set_of(ids));
    CHECK(std::all_of(items.begin(), items.end(), [&](const auto& item) { return is_for_its_own(home.api, item); }));
    for (const auto& [id, times] : home.api.counts().kubeconfig_requests_by_cluster) CHECK(times == 1);
    CHECK(home.api.counts().minted == 100);
    CHECK(all.summary().total == 100);
    CHECK(all.summary().fetched == 100);
    CHECK(all.summary().done() == 100);
}

TEST_CASE("listed clusters keep what was listed, and their client's label")
{
    house home;
    const auto client = home.client().with(token(home.api.token()), "team-a");
    const auto program = [&]() -> asio::awaitable<std::vector<bulk_item>> {
        auto listed = co_await client.clusters();
        auto all = client.kubeconfigs(listed);
        auto items = co_await read_all(all);
        co_return items;
    };
    for (const auto& item : home.run(program())) {
        CHECK(item.label == "team-a");
        CHECK(item.cluster.name == home.api.cluster(item.cluster.id).name);
        CHECK(item.cluster.region == home.api.cluster(item.cluster.id).region);
    }
}

TEST_CASE("bulks of several clients join into one stream, before and after its first outcome")
{
    house home(unlimited(60));
    const auto ids = home.api.cluster_ids();
    const auto base = home.client();
    const auto part = [&](const std::string& label, std::ptrdiff_t from) {
        const auto client = base.with(token(home.api.add_token({.label = label})), label);
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
    const auto items = home.run(program());
    CHECK(ids_of(items) == set_of(ids));
    CHECK(items.size() == 60);
    std::map<std::string, int> by_label;
    for (const auto& item : items) ++by_label[item.label];
    CHECK(by_label == std::map<std::string, int>{{"a", 20}, {"b", 20}, {"c", 20}});
    CHECK(all.summary().fetched == 60);
}

TEST_CASE("a bulk that nobody reads stops fetching; outcomes that nobody took count as in flight")
{
    house home(unlimited(50));
    home.api.set_latency({2ms, 5ms});
    auto all = home.client().kubeconfigs(home.api.cluster_ids(), {.in_flight = 4});
    home.run_dry();
    CHECK(home.api.counts().requests == 0);

    const auto one = [&]() -> asio::awaitable<bool> {
        auto item = co_await all.next();
        co_return item.has_value();
    };
    CHECK(home.run(one()));
    CHECK(home.api.counts().requests == 5);
    CHECK(home.run(one()));
    CHECK(home.api.counts().requests == 6);
    CHECK(home.run(read_all(all)).size() == 48);
    CHECK(home.api.counts().max_in_flight == 4);
    CHECK(home.api.counts().requests == 50);
}

TEST_CASE("faults on a tenth of all requests: nothing is lost, nothing fails, each for its own cluster")
{
    const auto count = many(1000);
    auto how = unlimited(count);
    how.faults = sim::parse_faults("mixed=0.1");
    house home(how);
    auto all = home.client().kubeconfigs(home.api.cluster_ids());
    const auto items = home.run(read_all(all));

    const auto summary = all.summary();
    CHECK(items.size() == count);
    CHECK(ids_of(items) == set_of(home.api.cluster_ids()));
    CHECK(summary.fetched == count);
    CHECK(summary.failed == 0);
    CHECK(std::all_of(items.begin(), items.end(), [&](const auto& item) { return is_for_its_own(home.api, item); }));
    CHECK(summary.retries > 0);
    CHECK(home.api.counts().faults.size() >= (count < 1000 ? 4 : 8));
    MESSAGE(count << " clusters, " << home.api.counts().requests << " requests, " << summary.retries
                  << " retries: 0 lost, 0 failed, 0 for another cluster");
}

TEST_CASE("an id that cannot be one is that id's outcome, and is never sent")
{
    house home;
    const std::vector<std::string> bad = {"../../account", "", "a b", "a/b", "..", "new\nline"};
    auto ids = bad;
    ids.push_back(home.first());
    auto all = home.client().kubeconfigs(ids);
    const auto items = home.run(read_all(all));
    CHECK(items.size() == 7);
    for (const auto& id : bad) CHECK(item_of(items, id).outcome.error() == condition::invalid);
    CHECK(item_of(items, home.first()).outcome.has_value());
    CHECK(all.summary().failed == 6);
    CHECK(home.api.counts().requests == 1);
}

TEST_CASE("a 404 tells a cluster that is not ready from one that is gone")
{
    house home;
    const auto ids = home.api.cluster_ids();
    const auto young = home.api.set_cluster({.state = "provisioning"});
    const auto client = home.client();
    const auto program = [&]() -> asio::awaitable<void> {
        auto listed = co_await client.clusters();
        home.api.remove_cluster(ids[1]);

        auto by_id = client.kubeconfigs({ids[0], ids[1], young, nobody});
        auto items = co_await read_all(by_id);
        CHECK(item_of(items, young).outcome.error() == errc::not_ready);
        CHECK(item_of(items, ids[1]).outcome.error() == condition::not_found);
        CHECK(item_of(items, nobody).outcome.error().api_id() == "not_found");
        CHECK(by_id.summary().fetched == 1);
        CHECK(by_id.summary().not_ready == 1);
        CHECK(by_id.summary().gone == 2);
        CHECK(by_id.summary().failed == 0);

        const auto before = home.api.counts().requests;
        auto by_listing = client.kubeconfigs(listed);
        auto more = co_await read_all(by_listing);
        CHECK(item_of(more, young).outcome.error() == errc::not_ready);
        CHECK(by_listing.summary().not_ready == 1);
        CHECK(by_listing.summary().gone == 1);
        CHECK(home.api.counts().requests == before + 4);
    };
    home.run(program());
}

TEST_CASE("what is fresh is yielded and not fetched")
{
    house home(unlimited(30));
    const auto ids = home.api.cluster_ids();
    bulk_options how;
    how.in_flight = 3;
    how.fresh = [&](const std::string& id) -> std::optional<kubeconfig> {
        const auto at = std::find(ids.begin(), ids.end(), id) - ids.begin();
        if (at % 3 == 0) return std::nullopt;
        return kubeconfig("from the disk", {.cluster_id = id});
    };
    auto all = home.client().kubeconfigs(ids, how);
    const auto items = home.run(read_all(all));
    CHECK(ids_of(items) == set_of(ids));
    for (const auto& item : items) {
        REQUIRE(item.outcome.has_value());
        CHECK(item.fresh == (item.outcome->bytes() == "from the disk"));
    }
    CHECK(all.summary().fresh == 20);
    CHECK(all.summary().fetched == 10);
    CHECK(home.api.counts().kubeconfig_requests == 10);
}

TEST_CASE("a bulk of nothing is over at once")
{
    house home;
    auto none = home.client().kubeconfigs(std::vector<std::string>());
    CHECK(home.run(read_all(none)).empty());
    bulk blank;
    CHECK(home.run(read_all(blank)).empty());
    CHECK(home.api.counts().connections == 0);
}

TEST_CASE("an expiry that cannot be is refused before the bulk begins")
{
    house home;
    const auto client = home.client();
    CHECK_THROWS_AS(client.kubeconfigs(home.api.cluster_ids(), {.expiry = -1s}), failure);
    CHECK_THROWS_AS(client.kubeconfigs(home.api.cluster_ids(), {.expiry = 1h, .type = credential_type::sso}), failure);
}

TEST_CASE("a kubeconfig of another cluster is never an outcome; the connection that brought it is not used again")
{
    house home(unlimited(5));
    const auto client = home.client();
    home.api.script(fault_of(sim::fault_kind::wrong_cluster), "/v2/kubernetes/clusters/", 3);
    auto all = client.kubeconfigs(home.api.cluster_ids(), {.in_flight = 1});
    const auto items = home.run(read_all(all));
    for (const auto& item : items)
        CHECK((is_for_its_own(home.api, item) || item.outcome.error() == errc::wrong_cluster));
    CHECK(successes(items) + all.summary().failed == 5);
}

}
