#include "api/simulator_fixture.hpp"

// A call of a client against the simulator over TLS: forms of kubeconfigs, expiries, and what every outcome carries.

namespace doks::test {

namespace {

result<kubeconfig> fetch(simulator_fixture& in, const std::string& id, call_options options = {})
{
    return in.run(in.client().try_kubeconfig(id, options));
}

std::string last_query(const simulator_fixture& in)
{
    const auto path = in.api.journal().back().path;
    const auto at = path.find('?');
    return at == std::string::npos ? "" : path.substr(at);
}

}

TEST_CASE("a kubeconfig holds a token, a certificate or an exec entry, as the cluster and the call decide")
{
    simulator_fixture fixture;
    const auto old = fixture.api.set_cluster({.form = sim::credential_form::certificate});
    const auto single = fixture.api.set_cluster({.sso = true});

    const auto with_token = fetch(fixture, fixture.first());
    REQUIRE(with_token.has_value());
    CHECK(with_token->kind() == credential_kind::token);
    CHECK(fixture.api.cluster_of(with_token->current().token.reveal()) == fixture.first());
    CHECK(with_token->current().server == fixture.api.kube_url() + "/clusters/" + fixture.first());
    CHECK(with_token->current().certificate_authority.starts_with("-----BEGIN CERTIFICATE-----"));

    const auto with_certificate = fetch(fixture, old);
    REQUIRE(with_certificate.has_value());
    CHECK(with_certificate->kind() == credential_kind::certificate);
    CHECK(with_certificate->current().client_certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(with_certificate->current().client_key.size() > 100);
    CHECK(with_certificate->current().token.empty());

    CHECK(fetch(fixture, single)->kind() == credential_kind::token);
    for (const auto type : {credential_type::sso, credential_type::cluster_decides}) {
        const auto with_exec = fetch(fixture, single, {.type = type});
        REQUIRE(with_exec.has_value());
        CHECK(with_exec->kind() == credential_kind::exec);
        CHECK(with_exec->current().exec->command == "doctl");
        CHECK_FALSE(with_exec->expires_at());
    }
}

TEST_CASE("type=token is asked for by default, an expiry is passed on, and 0 is never sent")
{
    simulator_fixture fixture;
    REQUIRE(fetch(fixture, fixture.first()).has_value());
    CHECK(last_query(fixture) == "?type=token");
    REQUIRE(fetch(fixture, fixture.first(), {.expiry = 0s}).has_value());
    CHECK(last_query(fixture) == "?type=token");
    REQUIRE(fetch(fixture, fixture.first(), {.expiry = 90min}).has_value());
    CHECK(last_query(fixture) == "?expiry_seconds=5400&type=token");
    REQUIRE(fetch(fixture, fixture.first(), {.type = credential_type::cluster_decides}).has_value());
    CHECK(last_query(fixture).empty());
    fixture.run(fixture.client().credentials(fixture.first()));
    CHECK(last_query(fixture).empty());
    fixture.run(fixture.client().credentials(fixture.first(), {.expiry = 1h}));
    CHECK(last_query(fixture) == "?expiry_seconds=3600");
}

TEST_CASE("a token expires when it was asked to, counted from the request; 7 days unless asked")
{
    simulator_fixture fixture;
    for (const auto asked : {std::chrono::seconds(0), std::chrono::seconds(1h)}) {
        const auto expected = asked == 0s ? std::chrono::seconds(24h * 7) : asked;
        const auto before = std::chrono::system_clock::now();
        const auto got = fetch(fixture, fixture.first(), {.expiry = asked});
        REQUIRE(got.has_value());
        REQUIRE(got->expires_at());
        CHECK(*got->expires_at() >= before + expected - 1s);
        CHECK(*got->expires_at() <= std::chrono::system_clock::now() + expected);
        CHECK_FALSE(got->expires_exactly());
        CHECK_FALSE(got->expiry_ignored());
        CHECK(got->expiry() == asked);
    }
}

TEST_CASE("a certificate states its own expiry, and the one asked for has no effect")
{
    simulator_fixture fixture;
    const auto old = fixture.api.set_cluster({.form = sim::credential_form::certificate});
    const auto got = fetch(fixture, old, {.expiry = 1h});
    REQUIRE(got.has_value());
    CHECK(got->expires_exactly());
    CHECK(got->expiry_ignored());
    REQUIRE(got->expires_at());
    CHECK(*got->expires_at() > std::chrono::system_clock::now() + 2h);
}

TEST_CASE("the bytes are those that the API sent")
{
    simulator_fixture fixture;
    const std::string odd =
        "kind: Config # a remark\r\nusers: [{name: a}]\nclusters:  [{name: b}]\nx-future: {a: 1}\n\n\n";
    auto said = fault_of(sim::fault_kind::status_html, 200);
    said.body = odd;
    said.content_type = "application/octet-stream";
    fixture.api.script(said);
    const auto got = fetch(fixture, fixture.first());
    REQUIRE(got.has_value());
    CHECK(got->bytes() == odd);
}

TEST_CASE("request id, attempts, time and quota stand in every outcome, good or bad")
{
    simulator_fixture fixture(sim::options{});
    fixture.api.script(fault_of(sim::fault_kind::reset_before));
    const auto good = fetch(fixture, fixture.first());
    REQUIRE(good.has_value());
    const auto bad = fetch(fixture, "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11");
    REQUIRE(!bad);
    const auto journal = fixture.api.journal();
    REQUIRE(journal.size() == 3);

    CHECK(good->info().request_id == journal[1].request_id);
    CHECK(good->info().attempts == 2);
    CHECK(good->info().elapsed > 0s);
    CHECK(good->info().rate_limit.limit == 5000);
    CHECK(good->info().rate_limit.remaining == 4999);
    CHECK(good->info().rate_limit.reset.has_value());

    CHECK(bad.error().request_id() == journal[2].request_id);
    CHECK(bad.error().attempts() == 1);
    CHECK(bad.error().elapsed() > 0s);
    CHECK(bad.error().info().rate_limit.remaining == 4998);
    CHECK(bad.error().http_status() == 404);
    CHECK(bad.error().api_id() == "not_found");
    CHECK(bad.error() == condition::not_found);

    fixture.api.script(fault_of(sim::fault_kind::status, 500), {}, 2);
    auto twice = fixture.config();
    twice.attempts = 2;
    const client hasty(fixture.context.get_executor(), twice);
    const auto exhausted = fixture.run(hasty.try_kubeconfig(fixture.first()));
    REQUIRE(!exhausted);
    CHECK(exhausted.error().attempts() == 2);
    CHECK(exhausted.error().why_stopped() == stop_reason::exhausted);
    CHECK(exhausted.error().request_id() == fixture.api.journal().back().request_id);
    CHECK(exhausted.error().info().rate_limit.remaining == 4996);
}

TEST_CASE("try_kubeconfig throws for nothing: what cannot be sent is a result, and no request")
{
    simulator_fixture fixture;
    const std::string long_id(200, 'a');
    for (const std::string id :
        {"", ".", "..", "a/b", "../../account", "a b", "a\nb", "a?b", "a%2fb", "\xc3\xa9", long_id.c_str()}) {
        const auto got = fetch(fixture, id);
        REQUIRE(!got);
        CHECK(got.error() == condition::invalid);
        CHECK(got.error() == errc::invalid_argument);
        CHECK(got.error().message().find("id") != std::string::npos);
    }
    const auto negative = fetch(fixture, fixture.first(), {.expiry = -1s});
    REQUIRE(!negative);
    CHECK(negative.error() == condition::invalid);
    const auto both = fetch(fixture, fixture.first(), {.expiry = 1h, .type = credential_type::sso});
    REQUIRE(!both);
    CHECK(both.error().message().find("sso") != std::string::npos);
    CHECK(fixture.api.counts().connections == 0);

    CHECK_THROWS_AS(fixture.run(fixture.client().kubeconfig("a/b")), failure);
    CHECK_THROWS_AS(fixture.run(fixture.client().cluster("a/b")), failure);
    CHECK_THROWS_AS(fixture.run(fixture.client().credentials("a/b")), failure);
    CHECK_THROWS_AS(fixture.run(fixture.client().credentials(fixture.first(), {.expiry = -1s})), failure);
}

TEST_CASE("a deadline that has passed ends the call without a request")
{
    simulator_fixture fixture;
    const auto got = fetch(fixture, fixture.first(), {.deadline = steady_clock::now() - 1s});
    REQUIRE(!got);
    CHECK((got.error() == condition::timeout || got.error() == condition::throttled));
    CHECK(fixture.api.counts().requests == 0);
}

}
