#include "api/simulator_fixture.hpp"
#include "support/certificates/test_authority.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <map>
#include <set>

#include <sys/stat.h>

// The first two programs of the design, as a user writes them. They differ from it in this: a client stands where the
// keeper stands, the client of the nightly job is told where its API is, and a team whose clusters cannot even be
// listed is reported like a cluster.

namespace doks::test {

namespace {

/// What the program of the design returns to its own client.
struct reply
{
    int code = 0;
    std::string text;
};
reply ok(std::string_view body) { return {200, std::string(body)}; }
reply status(int code, std::string_view text = {}) { return {code, std::string(text)}; }
std::string retry_after(std::chrono::seconds wait) { return std::to_string(wait.count()); }

asio::awaitable<reply> kubeconfig_of(doks::client client, std::string id, steady_clock::time_point by)
{
    auto found = co_await client.try_kubeconfig(id, {.expiry = 15min, .deadline = by});
    if (found) co_return ok(found->bytes());
    const doks::failure& why = found.error();
    if (why == doks::condition::not_found) co_return status(404);
    if (why == doks::condition::denied) co_return status(403, why.message());
    if (why == doks::condition::throttled) co_return status(503, retry_after(why.retry_after()));
    if (why == doks::condition::timeout) co_return status(504, why.phase());
    co_return status(502, why.request_id());
}

struct team
{
    std::string name;
    std::filesystem::path token_path;
};

struct complaint
{
    std::string label;
    std::string cluster;
    failure why;
};
std::vector<complaint> complaints;
void report(std::string label, std::string cluster, failure why)
{
    complaints.push_back({std::move(label), std::move(cluster), std::move(why)});
}

// clang-format off
asio::awaitable<int> nightly(std::vector<team> teams, std::filesystem::path out, doks::client_config service)
{
    doks::client base{co_await asio::this_coro::executor, service};
    doks::kubeconfig_directory directory{out};
    doks::bulk all;
    int refused = 0;
    for (const team& t : teams) try {
        auto client = base.with(doks::token_file(t.token_path), t.name);       // same transport, own token, own gate
        auto listed = co_await client.clusters();
        all.add(client.kubeconfigs(listed, {.expiry = 24h, .fresh = directory.fresh_for(12h)}));
    } catch (const doks::failure& why) { report(t.name, "", why), ++refused; }
    while (auto item = co_await all.next())                                   // completion order, bounded in flight
        if (item->outcome) co_await directory.put(*item);
        else               report(item->label, item->cluster.name, item->outcome.error());
    co_return refused || all.summary().failed ? 1 : 0;
}
// clang-format on

/// Four teams with a token each, in files.
struct four_teams
{
    explicit four_teams(simulator_fixture& in)
    {
        for (const std::string name : {"red", "green", "blue", "grey"}) {
            teams.push_back({name, folder / name});
            replace_file(teams.back().token_path, in.api.add_token({.label = name}) + "\n");
        }
        complaints.clear();
    }
    std::set<std::string> complaining() const
    {
        std::set<std::string> labels;
        for (const auto& each : complaints) labels.insert(each.label);
        return labels;
    }
    std::filesystem::path out() const { return folder / "out"; }

    scratch_folder folder;
    std::vector<team> teams;
};

std::map<std::string, std::size_t> kubeconfigs_by_label(const simulator_fixture& in)
{
    std::map<std::string, std::size_t> served;
    for (const auto& entry : in.api.journal())
        if (entry.minted) ++served[entry.token];
    return served;
}

void check_files(const simulator_fixture& in, const std::filesystem::path& out)
{
    for (const std::string& id : in.api.cluster_ids()) {
        struct stat about
        {};
        REQUIRE(::lstat((out / (id + ".yaml")).c_str(), &about) == 0);
        CHECK((about.st_mode & 07777U) == 0600U);
        CHECK(kubeconfig_directory(out).get(id)->current().server == in.api.kube_url() + "/clusters/" + id);
    }
}

}

TEST_CASE("a request handler gives the bytes, and a status for each way to fail")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    const auto answer = [&](const std::string& id, steady_clock::duration within = 20s) {
        return fixture.run(kubeconfig_of(client, id, steady_clock::now() + within));
    };
    const auto good = answer(fixture.first());
    CHECK(good.code == 200);
    CHECK(good.text.find("/clusters/" + fixture.first()) != std::string::npos);
    CHECK(fixture.api.journal().back().path.ends_with("?expiry_seconds=900&type=token"));

    CHECK(answer("b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11").code == 404);

    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte));
    const auto late = answer(fixture.first(), 300ms);
    CHECK(late.code == 504);
    CHECK(late.text == "first byte");

    fixture.api.script(fault_of(sim::fault_kind::status, 501));
    const auto broken = answer(fixture.first());
    CHECK(broken.code == 502);
    CHECK(broken.text == fixture.api.journal().back().request_id);

    fixture.api.set_rate_limit({.per_minute = 1});
    CHECK(answer(fixture.first()).code == 200);
    const auto throttled = answer(fixture.first(), 2s);
    CHECK(throttled.code == 503);
    CHECK(std::stoi(throttled.text) > 2);
    CHECK(std::stoi(throttled.text) <= 63);

    fixture.api.set_rate_limit({.enabled = false});
    simulator_fixture other;
    other.api.revoke_token(other.api.token());
    const auto denied = other.run(kubeconfig_of(other.client(), other.first(), steady_clock::now() + 20s));
    CHECK(denied.code == 403);
    CHECK(denied.text.find("Unable to authenticate you.") != std::string::npos);
}

TEST_CASE("a nightly job over four teams fails for the one whose token was revoked, and for no other")
{
    simulator_fixture fixture(unlimited(20));
    four_teams party(fixture);
    fixture.api.revoke_token(fixture.api.token("grey"));

    CHECK(fixture.run(nightly(party.teams, party.out(), fixture.config())) == 1);
    REQUIRE(complaints.size() == 1);
    CHECK(complaints.front().label == "grey");
    CHECK(complaints.front().why == condition::denied);
    check_files(fixture, party.out());
    CHECK(kubeconfigs_by_label(fixture).contains("red"));
    CHECK_FALSE(kubeconfigs_by_label(fixture).contains("grey"));

    const auto requests = fixture.api.counts().kubeconfig_requests;
    party.teams.pop_back();
    CHECK(fixture.run(nightly(party.teams, party.out(), fixture.config())) == 0);
    CHECK(complaints.size() == 1);
    CHECK(fixture.api.counts().kubeconfig_requests == requests);
}

TEST_CASE("a nightly job whose one token is revoked after the listing loses that team's clusters and no other's")
{
    simulator_fixture fixture(unlimited(20));
    four_teams party(fixture);
    std::swap(party.teams.front(), party.teams.back());
    auto service = fixture.config();
    service.observer = [&fixture, secret = fixture.api.token("grey")](const event& seen) {
        if (std::holds_alternative<response_received>(seen)) fixture.api.revoke_token(secret);
    };

    CHECK(fixture.run(nightly(party.teams, party.out(), service)) == 1);
    CHECK(party.complaining() == std::set<std::string>{"grey"});
    CHECK(complaints.size() == 20);
    for (const auto& each : complaints) CHECK(each.why == condition::denied);
    check_files(fixture, party.out());
    CHECK_FALSE(kubeconfigs_by_label(fixture).contains("grey"));
}

TEST_CASE("a client may be made within a co_await expression, its configuration by default")
{
    const test_authority authority("api.test");
    ::setenv("SSL_CERT_FILE", authority.ca_file().c_str(), 1);
    const auto program = [](std::string& label) -> asio::awaitable<void> {
        doks::client client{co_await asio::this_coro::executor};
        label = client.label();
    };
    asio::io_context context;
    std::string label = "none";
    asio::co_spawn(context, program(label), asio::detached);
    context.run();
    CHECK(label.empty());
    ::unsetenv("SSL_CERT_FILE");
}

}
