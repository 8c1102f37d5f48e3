#include "api/simulator_fixture.hpp"

// What a call makes of responses that it ought not to get.

namespace doks::test {

namespace {

sim::fault yaml_with(std::string body, unsigned status = 200)
{
    return answer_with(std::move(body), status, "application/yaml");
}

result<kubeconfig> fetch(simulator_fixture& in) { return in.run(in.client().try_kubeconfig(in.first())); }

/// One request, one response, one failure.
failure failure_after(simulator_fixture& in, const sim::fault& said)
{
    const auto before = in.api.counts().requests;
    in.api.script(said);
    const auto got = fetch(in);
    CHECK(in.api.counts().requests == before + 1);
    CHECK_FALSE(got.has_value());
    return got ? failure() : got.error();
}

}

TEST_CASE("200 with something that is no kubeconfig is an error, sent once, and its text is nowhere in the message")
{
    simulator_fixture fixture;
    const std::string canary = "canary-in-the-body";
    CHECK(failure_after(fixture, yaml_with("")) == errc::not_a_kubeconfig);
    for (const std::string& body : {"<!DOCTYPE html><html>" + canary + "</html>", "kind: Pod\nname: " + canary, canary,
             "{\"text\":\"" + canary + "\"}", "kind: Config\nclusters:\n" + canary + ": [", "\xff\xfe" + canary,
             "kind: Config\nusers: []\nclusters: []\n# " + canary, std::string("a\0b", 3) + canary, "%\x81" + canary}) {
        CAPTURE(body);
        const auto why = failure_after(fixture, yaml_with(body));
        CHECK(why == errc::not_a_kubeconfig);
        CHECK(why.attempts() == 1);
        CHECK(why.why_stopped() == stop_reason::permanent);
        CHECK(why.message().find(canary) == std::string::npos);
    }
    CHECK(fetch(fixture).has_value());
}

TEST_CASE("a response of ten megabytes is refused, not read")
{
    simulator_fixture fixture;
    const auto why = failure_after(fixture, yaml_with(std::string(10'000'000, '#')));
    CHECK(why == errc::body_too_large);
    fixture.api.script(yaml_with(std::string(2'000'000, '#')));
    CHECK(fetch(fixture).error() == errc::body_too_large);
    CHECK(fetch(fixture).has_value());
}

TEST_CASE("a chunked answer of ten megabytes is refused as well")
{
    auto how = unlimited();
    how.chunked = true;
    simulator_fixture fixture(how);
    CHECK(failure_after(fixture, yaml_with(std::string(10'000'000, '#'))) == errc::body_too_large);
    CHECK(fetch(fixture).has_value());
}

TEST_CASE("a 403 names the scope that the token lacks")
{
    auto how = unlimited();
    sim::token_spec narrow;
    narrow.scopes = {"kubernetes:read"};
    how.tokens.push_back(narrow);
    simulator_fixture fixture(how);
    const auto got = fetch(fixture);
    REQUIRE(!got);
    CHECK(got.error() == condition::denied);
    CHECK(got.error().http_status() == 403);
    CHECK(got.error().message().find("kubernetes:access_cluster") != std::string::npos);
    CHECK(got.error().attempts() == 1);

    fixture.api.script(yaml_with("", 403));
    CHECK(fetch(fixture).error().message().find("kubernetes:access_cluster") != std::string::npos);
}

TEST_CASE("statuses that will not pass are sent once, with what the API said")
{
    simulator_fixture fixture;
    for (const unsigned status : {400U, 403U, 404U, 405U, 409U, 410U, 412U, 422U, 501U, 505U}) {
        auto said = fault_of(sim::fault_kind::status, status);
        said.retry_after = 1;
        const auto why = failure_after(fixture, said);
        CHECK(why.http_status() == status);
        CHECK(why.why_stopped() == stop_reason::permanent);
        CHECK_FALSE(why.api_message().empty());
        CHECK(why.request_id() == fixture.api.journal().back().request_id);
    }
    CHECK(failure_after(fixture, fault_of(sim::fault_kind::status, 422)) == condition::invalid);
    CHECK(failure_after(fixture, fault_of(sim::fault_kind::status, 410)) == condition::not_found);
}

TEST_CASE("a redirect is an error and is not followed")
{
    simulator_fixture fixture;
    for (const unsigned status : {301U, 302U, 303U, 307U, 308U})
        CHECK(failure_after(fixture, yaml_with("elsewhere", status)) == errc::redirected);
}

TEST_CASE("a server error as a page of HTML is tried again, and its text is no part of the error")
{
    simulator_fixture fixture;
    auto how = fixture.config();
    how.attempts = 1;
    fixture.api.script(fault_of(sim::fault_kind::status_html, 502));
    CHECK(fixture.run(fixture.client().try_kubeconfig(fixture.first()))->info().attempts == 2);

    fixture.api.script(answer_with("<html>canary\x1b[31m</html>", 520, "text/html"));
    const client once(fixture.context.get_executor(), how);
    const auto got = fixture.run(once.try_kubeconfig(fixture.first()));
    REQUIRE(!got);
    CHECK(got.error() == condition::transient);
    CHECK(got.error().http_status() == 520);
    CHECK(got.error().api_message().empty());
    CHECK(got.error().message().find("canary") == std::string::npos);
}

TEST_CASE("what the API says is shown without control characters, and not at any length")
{
    simulator_fixture fixture;
    auto said = fault_of(sim::fault_kind::status, 422);
    said.body = R"({"id":"x","message":"red \u001b[31m\r\n)" + std::string(5000, 'm') + R"("})";
    const auto why = failure_after(fixture, said);
    CHECK(why.message().find('\x1b') == std::string::npos);
    CHECK(why.message().find('\n') == std::string::npos);
    CHECK(why.message().size() < 1000);
}

TEST_CASE("bytes that are no HTTP are an error of their own")
{
    simulator_fixture fixture;
    const auto why = failure_after(fixture, fault_of(sim::fault_kind::garbage));
    CHECK(why == errc::malformed_response);
    CHECK(why.why_stopped() == stop_reason::permanent);
    CHECK(fetch(fixture).has_value());
}

TEST_CASE("a second answer glued to the first, at once or late, never answers the next call")
{
    simulator_fixture fixture(unlimited(20));
    const auto client = fixture.client();
    const auto ids = fixture.api.cluster_ids();
    for (const auto kind : {sim::fault_kind::extra_bytes, sim::fault_kind::extra_late})
        for (const auto& id : ids) {
            auto stray = fault_of(kind);
            stray.delay = 200us;
            fixture.api.script(stray);
            const auto got = fixture.run(client.kubeconfig(id));
            CHECK(fixture.api.cluster_of(got.current().token.reveal()) == id);
        }
    CHECK(fixture.api.counts().minted >= 40);
}

TEST_CASE("a connection that the server closed while it idled costs one resend, no attempt and no second credential")
{
    simulator_fixture fixture(unlimited(10));
    const auto client = fixture.client();
    for (const auto& id : fixture.api.cluster_ids()) {
        CHECK(fixture.run(client.kubeconfig(id)).info().attempts == 1);
        fixture.api.close_idle_connections();
    }
    CHECK(fixture.api.counts().minted == 10);
}

TEST_CASE("a cluster and credentials of another cluster are never delivered")
{
    simulator_fixture fixture;
    const std::string other = "99999999-2222-4333-8444-555555555555";
    const auto code_of = [&](const auto& call) {
        try {
            call();
        } catch (const failure& why) {
            CHECK(why.message().find(other) != std::string::npos);
            return why.code();
        }
        return boost::system::error_code();
    };
    fixture.api.script(answer_with(R"({"kubernetes_cluster":{"id":")" + other +
                                   R"(","name":"x","region":"nyc1","version":"1","status":{"state":"running"}}})"));
    CHECK(code_of([&] { fixture.run(fixture.client().cluster(fixture.first())); }) == errc::wrong_cluster);
    fixture.api.script(answer_with(
        R"({"server":"https://)" + other +
        R"(.k8s.ondigitalocean.com","certificate_authority_data":"Y2E=","token":"t","expires_at":"2026-11-25T00:00:00Z"})"));
    CHECK(code_of([&] { fixture.run(fixture.client().credentials(fixture.first())); }) == errc::wrong_cluster);
    fixture.run(fixture.client().cluster(fixture.first()));
    fixture.run(fixture.client().credentials(fixture.first()));
}

}
