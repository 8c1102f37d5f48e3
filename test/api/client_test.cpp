#include "api/simulator_fixture.hpp"

namespace doks::test {

namespace {

result<kubeconfig> fetch(house& in, const std::string& id, call_options options = {})
{
    return in.run(in.client().try_kubeconfig(id, options));
}

std::string last_query(const house& in)
{
    const auto path = in.api.journal().back().path;
    const auto at = path.find('?');
    return at == std::string::npos ? "" : path.substr(at);
}

}

TEST_CASE("a kubeconfig holds a token, a certificate or an exec entry, as the cluster and the call decide")
{
    house home;
    const auto old = home.api.set_cluster({.form = sim::credential_form::certificate});
    const auto single = home.api.set_cluster({.sso = true});

    const auto with_token = fetch(home, home.first());
    REQUIRE(with_token.has_value());
    CHECK(with_token->kind() == credential_kind::token);
    CHECK(home.api.cluster_of(with_token->current().token.reveal()) == home.first());
    CHECK(with_token->current().server == home.api.kube_url() + "/clusters/" + home.first());
    CHECK(with_token->current().certificate_authority.starts_with("-----BEGIN CERTIFICATE-----"));

    const auto with_certificate = fetch(home, old);
    REQUIRE(with_certificate.has_value());
    CHECK(with_certificate->kind() == credential_kind::certificate);
    CHECK(with_certificate->current().client_certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(with_certificate->current().client_key.size() > 100);
    CHECK(with_certificate->current().token.empty());

    CHECK(fetch(home, single)->kind() == credential_kind::token);
    for (const auto type : {credential_type::sso, credential_type::cluster_decides}) {
        const auto with_exec = fetch(home, single, {.type = type});
        REQUIRE(with_exec.has_value());
        CHECK(with_exec->kind() == credential_kind::exec);
        CHECK(with_exec->current().exec->command == "doctl");
        CHECK_FALSE(with_exec->expires_at());
    }
}

TEST_CASE("type=token is asked for by default, an expiry is passed on, and 0 is never sent")
{
    house home;
    REQUIRE(fetch(home, home.first()).has_value());
    CHECK(last_query(home) == "?type=token");
    REQUIRE(fetch(home, home.first(), {.expiry = 0s}).has_value());
    CHECK(last_query(home) == "?type=token");
    REQUIRE(fetch(home, home.first(), {.expiry = 90min}).has_value());
    CHECK(last_query(home) == "?expiry_seconds=5400&type=token");
    REQUIRE(fetch(home, home.first(), {.type = credential_type::cluster_decides}).has_value());
    CHECK(last_query(home).empty());
    home.run(home.client().credentials(home.first()));
    CHECK(last_query(home).empty());
    home.run(home.client().credentials(home.first(), {.expiry = 1h}));
    CHECK(last_query(home) == "?expiry_seconds=3600");
}

TEST_CASE("a token expires when it was asked to, counted from the request; 7 days unless asked")
{
    house home;
    for (const auto asked : {std::chrono::seconds(0), std::chrono::seconds(1h)}) {
        const auto expected = asked == 0s ? std::chrono::seconds(24h * 7) : asked;
        const auto before = std::chrono::system_clock::now();
        const auto got = fetch(home, home.first(), {.expiry = asked});
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
    house home;
    const auto old = home.api.set_cluster({.form = sim::credential_form::certificate});
    const auto got = fetch(home, old, {.expiry = 1h});
    REQUIRE(got.has_value());
    CHECK(got->expires_exactly());
    CHECK(got->expiry_ignored());
    REQUIRE(got->expires_at());
    CHECK(*got->expires_at() > std::chrono::system_clock::now() + 2h);
}

TEST_CASE("the bytes are those that the API sent")
{
    house home;
    const std::string odd =
        "kind: Config # a remark\r\nusers: [{name: a}]\nclusters:  [{name: b}]\nx-future: {a: 1}\n\n\n";
    auto said = fault_of(sim::fault_kind::status_html, 200);
    said.body = odd;
    said.content_type = "application/octet-stream";
    home.api.script(said);
    const auto got = fetch(home, home.first());
    REQUIRE(got.has_value());
    CHECK(got->bytes() == odd);
}

TEST_CASE("request id, attempts, time and quota stand in every outcome, good or bad")
{
    house home(sim::options{});
    home.api.script(fault_of(sim::fault_kind::reset_before));
    const auto good = fetch(home, home.first());
    REQUIRE(good.has_value());
    const auto bad = fetch(home, "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11");
    REQUIRE(!bad);
    const auto journal = home.api.journal();
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

    home.api.script(fault_of(sim::fault_kind::status, 500), {}, 2);
    auto twice = home.config();
    twice.attempts = 2;
    const client hasty(home.context.get_executor(), twice);
    const auto exhausted = home.run(hasty.try_kubeconfig(home.first()));
    REQUIRE(!exhausted);
    CHECK(exhausted.error().attempts() == 2);
    CHECK(exhausted.error().why_stopped() == stop_reason::exhausted);
    CHECK(exhausted.error().request_id() == home.api.journal().back().request_id);
    CHECK(exhausted.error().info().rate_limit.remaining == 4996);
}

TEST_CASE("try_kubeconfig throws for nothing: what cannot be sent is a result, and no request")
{
    house home;
    const std::string long_id(200, 'a');
    for (const std::string id :
        {"", ".", "..", "a/b", "../../account", "a b", "a\nb", "a?b", "a%2fb", "\xc3\xa9", long_id.c_str()}) {
        const auto got = fetch(home, id);
        REQUIRE(!got);
        CHECK(got.error() == condition::invalid);
        CHECK(got.error() == errc::invalid_argument);
        CHECK(got.error().message().find("id") != std::string::npos);
    }
    const auto negative = fetch(home, home.first(), {.expiry = -1s});
    REQUIRE(!negative);
    CHECK(negative.error() == condition::invalid);
    const auto both = fetch(home, home.first(), {.expiry = 1h, .type = credential_type::sso});
    REQUIRE(!both);
    CHECK(both.error().message().find("sso") != std::string::npos);
    CHECK(home.api.counts().connections == 0);

    CHECK_THROWS_AS(home.run(home.client().kubeconfig("a/b")), failure);
    CHECK_THROWS_AS(home.run(home.client().cluster("a/b")), failure);
    CHECK_THROWS_AS(home.run(home.client().credentials("a/b")), failure);
    CHECK_THROWS_AS(home.run(home.client().credentials(home.first(), {.expiry = -1s})), failure);
}

TEST_CASE("a deadline that has passed ends the call without a request")
{
    house home;
    const auto got = fetch(home, home.first(), {.deadline = steady_clock::now() - 1s});
    REQUIRE(!got);
    CHECK((got.error() == condition::timeout || got.error() == condition::throttled));
    CHECK(home.api.counts().requests == 0);
}

}
