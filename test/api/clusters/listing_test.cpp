#include "api/simulator_fixture.hpp"
#include "support/user_policies.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <algorithm>
#include <memory>

// Lists of clusters page by page against the simulator, with pages that fail, lie or change.

namespace doks::test {

namespace {

/// The failure of a listing that fails.
failure listing_failure(simulator_fixture& in)
{
    try {
        in.run(in.client().clusters());
    } catch (const failure& why) {
        return why;
    }
    return {};
}

constexpr auto list = "/v2/kubernetes/clusters?";

}

TEST_CASE("every page of the list is read, in the API's order")
{
    simulator_fixture fixture(unlimited(450));
    const auto found = fixture.run(fixture.client().clusters());
    std::vector<std::string> ids;
    for (const auto& each : found) ids.push_back(each.id);
    CHECK(ids == fixture.api.cluster_ids());
    const auto journal = fixture.api.journal();
    REQUIRE(journal.size() == 3);
    CHECK(journal[0].path == "/v2/kubernetes/clusters?per_page=200&page=1");
    CHECK(journal[2].path == "/v2/kubernetes/clusters?per_page=200&page=3");
}

TEST_CASE("a page that fails fails the list; one that fails for a moment is asked for again")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(fault_of(sim::fault_kind::none), list);
    fixture.api.script(fault_of(sim::fault_kind::truncate), list);
    CHECK(fixture.run(fixture.client().clusters()).size() == 450);

    fixture.api.script(fault_of(sim::fault_kind::none), list, 2);
    fixture.api.script(fault_of(sim::fault_kind::status, 422), list);
    const auto why = listing_failure(fixture);
    CHECK(why.http_status() == 422);
    CHECK(why.message().find("GET /v2/kubernetes/clusters") != std::string::npos);
}

TEST_CASE("pages that do not add up are an incomplete list, never a short one")
{
    for (const char* body : {R"({"kubernetes_clusters":[],"meta":{"total":5}})",
             R"({"kubernetes_clusters":[{"id":"a"}],"links":{"pages":{"next":"/x?page=1"}},"meta":{"total":5}})",
             R"({"kubernetes_clusters":[{"id":"a"},{"id":"a"}],"links":{},"meta":{"total":2}})"}) {
        simulator_fixture fixture(unlimited(450));
        fixture.api.script(answer_with(body), list, 5);
        const auto why = listing_failure(fixture);
        CHECK(why == errc::incomplete_listing);
        CHECK(why.attempts() == 5);
        CHECK_FALSE(why.detail().empty());
        CHECK(fixture.api.journal().size() == 5);
    }
}

TEST_CASE("a list that does not add up once is taken again from its first page")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(fault_of(sim::fault_kind::none), list, 2);
    fixture.api.script(answer_with(R"({"kubernetes_clusters":[{"id":"a"}],"meta":{"total":450}})"), list);
    CHECK(fixture.run(fixture.client().clusters()).size() == 450);
    const auto journal = fixture.api.journal();
    REQUIRE(journal.size() == 6);
    CHECK(journal[3].path == "/v2/kubernetes/clusters?per_page=200&page=1");
}

TEST_CASE("a list that never agrees ends by its deadline, and says what does not agree")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(answer_with(R"({"kubernetes_clusters":[],"meta":{"total":5}})"), list, 5);
    try {
        fixture.run(fixture.client().clusters({.timeout = 100ms}));
        FAIL("it never agrees");
    } catch (const failure& why) {
        CHECK(why == errc::incomplete_listing);
        CHECK(why.detail() == "its pages hold 0 clusters, the API counts 5");
    }
}

TEST_CASE("a list that will be taken again is cancelled in the pause before")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(answer_with(R"({"kubernetes_clusters":[],"meta":{"total":5}})"), list);
    asio::cancellation_signal signal;
    unsigned completions = 0;
    fixture.client().clusters({},
        asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& why, const std::vector<cluster>&) {
            ++completions;
            CHECK_THROWS_AS(std::rethrow_exception(why), failure);
        }));
    fixture.run_until_requests(1);
    fixture.context.restart();
    fixture.context.run_for(60ms);
    signal.emit(asio::cancellation_type::terminal);
    fixture.run_dry();
    CHECK(completions == 1);
    CHECK(fixture.api.counts().requests == 1);
}

TEST_CASE("a policy of the user's stands around each page of a list")
{
    simulator_fixture fixture(unlimited(450));
    counted pages;
    CHECK(fixture.run(fixture.client().with(retry(attempts(2)) | pages).clusters()).size() == 450);
    CHECK(*pages.entered == 3);
}

TEST_CASE("a page that fails in a later round says why the list was taken again")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(answer_with(R"({"kubernetes_clusters":[],"meta":{"total":5}})"), list);
    fixture.api.script(fault_of(sim::fault_kind::status, 422), list);
    const auto why = listing_failure(fixture);
    CHECK(why.http_status() == 422);
    CHECK(why.detail().ends_with("the clusters were listed again: its pages hold 0 clusters, the API counts 5"));
}

TEST_CASE("a page that is too large is asked for in smaller ones, by this client from then on")
{
    simulator_fixture fixture(unlimited(60));
    const auto client = fixture.client();
    fixture.api.script(answer_with(std::string(std::size_t(9) << 20, ' ')), list);
    fixture.api.script(fault_of(sim::fault_kind::none), list);
    fixture.api.script(answer_with(std::string(std::size_t(9) << 20, ' ')), list);
    CHECK(fixture.run(client.clusters()).size() == 60);
    CHECK(fixture.run(client.clusters()).size() == 60);
    std::vector<std::string> paths;
    for (const auto& each : fixture.api.journal()) paths.push_back(each.path.substr(each.path.find('?')));
    CHECK(paths == std::vector<std::string>{"?per_page=200&page=1", "?per_page=50&page=1", "?per_page=50&page=2",
                       "?per_page=12&page=1", "?per_page=12&page=2", "?per_page=12&page=3", "?per_page=12&page=4",
                       "?per_page=12&page=5", "?per_page=12&page=1", "?per_page=12&page=2", "?per_page=12&page=3",
                       "?per_page=12&page=4", "?per_page=12&page=5"});
    fixture.api.script(answer_with(std::string(std::size_t(9) << 20, ' ')), list, 10);
    CHECK(listing_failure(fixture) == errc::body_too_large);
}

TEST_CASE("of a link to the next page only the number is used, never its host")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(
        answer_with(
            R"({"kubernetes_clusters":[{"id":"a"}],"links":{"pages":{"next":"https://evil.test/v2/x?page=2&per_page=1"}}})"),
        list);
    CHECK(fixture.run(fixture.client().clusters()).size() == 450);
    REQUIRE(fixture.api.journal().size() == 6);
    CHECK(fixture.api.journal()[1].path == "/v2/kubernetes/clusters?per_page=200&page=2");
}

TEST_CASE("a list that is no list is an unexpected response")
{
    simulator_fixture fixture;
    for (const char* body : {"", "[]", "{}", "<html>hello</html>", R"({"kubernetes_clusters":{}})",
             R"({"kubernetes_clusters":[1]})", R"({"kubernetes_clusters":[{}]})", R"({"kubernetes_clusters":[)"}) {
        fixture.api.script(answer_with(body), list);
        const auto why = listing_failure(fixture);
        CHECK(why == errc::unexpected_response);
        CHECK(why.attempts() == 1);
        CHECK(why.message().find("hello") == std::string::npos);
    }
}

TEST_CASE("clusters with hardly a field are listed all the same")
{
    simulator_fixture fixture;
    fixture.api.script(
        answer_with(
            R"({"kubernetes_clusters":[{"id":"a","name":null,"tags":null,"status":null,"sso":null,"ha":null},{"id":"b"}]})"),
        list);
    const auto found = fixture.run(fixture.client().clusters());
    REQUIRE(found.size() == 2);
    CHECK(found[0].id == "a");
    CHECK(found[0].name.empty());
    CHECK(found[1].state.empty());
}

TEST_CASE("an id in capitals is the same cluster as its file, and a name stays as it is")
{
    simulator_fixture fixture;
    fixture.api.script(
        answer_with(
            R"({"kubernetes_clusters":[{"id":"B0B3E29C-3E4D-4F2A-8A5F-0C9D1D0F6A11","name":"Prod"},{"id":"A"}]})"),
        list);
    const auto found = fixture.run(fixture.client().clusters());
    REQUIRE(found.size() == 2);
    CHECK(found[0].id == "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11");
    CHECK(found[0].name == "Prod");
    CHECK(found[1].id == "A");
}

TEST_CASE("a listing has one deadline for all its pages")
{
    simulator_fixture fixture(unlimited(450));
    fixture.api.script(fault_of(sim::fault_kind::none), list, 2);
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), list);
    const auto began = steady_clock::now();
    try {
        fixture.run(fixture.client().clusters({.timeout = 300ms}));
        FAIL("it ought to have timed out");
    } catch (const failure& why) {
        CHECK(why == condition::timeout);
        CHECK(why.phase() == "first byte");
    }
    CHECK(steady_clock::now() - began < 3s);
}

TEST_CASE("one cluster by its id, with what the API says of it")
{
    simulator_fixture fixture;
    const auto id =
        fixture.api.set_cluster({.name = "blue", .region = "ams3", .state = "degraded", .sso = true, .tags = {"prod"}});
    const auto got = fixture.run(fixture.client().cluster(id));
    CHECK(got.id == id);
    CHECK(got.name == "blue");
    CHECK(got.region == "ams3");
    CHECK(got.state == "degraded");
    CHECK(got.single_sign_on);
    CHECK(std::find(got.tags.begin(), got.tags.end(), "prod") != got.tags.end());
    CHECK(got.endpoint == fixture.api.kube_url() + "/clusters/" + id);
    CHECK_FALSE(got.version.empty());
    CHECK_FALSE(got.created_at.empty());
    try {
        fixture.run(fixture.client().cluster("b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11"));
        FAIL("there is no such cluster");
    } catch (const failure& why) {
        CHECK(why == condition::not_found);
    }
}

TEST_CASE("credentials state their expiry exactly")
{
    simulator_fixture fixture;
    const auto old = fixture.api.set_cluster({.form = sim::credential_form::certificate});
    const auto before = std::chrono::system_clock::now();
    const auto with_token = fixture.run(fixture.client().credentials(fixture.first(), {.expiry = 1h}));
    const auto after = std::chrono::system_clock::now();
    CHECK(fixture.api.cluster_of(with_token.token.reveal()) == fixture.first());
    CHECK(with_token.server == fixture.api.kube_url() + "/clusters/" + fixture.first());
    CHECK(with_token.expires_at >= before + 1h - 1s);
    CHECK(with_token.expires_at <= after + 1h);
    CHECK(with_token.info.attempts == 1);
    CHECK(with_token.info.request_id == fixture.api.journal().back().request_id);
    CHECK(with_token.certificate_authority.starts_with("-----BEGIN CERTIFICATE-----"));

    const auto with_certificate = fixture.run(fixture.client().credentials(old));
    CHECK(with_certificate.token.empty());
    CHECK(with_certificate.client_certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(with_certificate.client_key.reveal().starts_with("-----BEGIN"));
    CHECK(fixture.api.counts().minted == 2);
}

}
