#include "api/simulator_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <optional>

// A kubeconfig whose expiry the API states: rendered from /credentials.

namespace doks::test {

namespace {

constexpr call_options exactly{.expiry = 1h, .expiry_is = expiry_precision::exact};

result<kubeconfig> fetch(simulator_fixture& in, const std::string& id, call_options options = exactly)
{
    return in.run(in.client().try_kubeconfig(id, options));
}

/// The text with one part put in another's place.
std::string changed(std::string_view text, std::string_view from, std::string_view to)
{
    std::string made(text);
    const auto at = made.find(from);
    REQUIRE(at != std::string::npos);
    return made.replace(at, from.size(), to);
}

/// A response of the credentials endpoint.
sim::fault credentials_with(const std::string& token, const std::string& server = "https://127.0.0.1:1/x")
{
    auto made = fault_of(sim::fault_kind::status_html, 200);
    made.content_type = "application/json";
    made.body = R"({"server":")" + server + R"(","certificate_authority_data":"","token":")" + token +
                R"(","expires_at":"2030-01-02T03:04:05.678Z"})";
    return made;
}

}

TEST_CASE("an exact expiry takes two requests and one credential, and the bytes have the API's form")
{
    simulator_fixture fixture;
    const auto before = std::chrono::system_clock::now();
    const auto exact = fetch(fixture, fixture.first());
    const auto after = std::chrono::system_clock::now();
    REQUIRE(exact.has_value());
    CHECK(exact->expires_exactly());
    REQUIRE(exact->expires_at());
    CHECK(*exact->expires_at() >= before + 1h - 1s);
    CHECK(*exact->expires_at() <= after + 1h);
    CHECK_FALSE(exact->expiry_ignored());
    CHECK(exact->expiry() == 1h);
    CHECK(exact->cluster_id() == fixture.first());
    CHECK(exact->kind() == credential_kind::token);
    CHECK(fixture.api.cluster_of(exact->current().token.reveal()) == fixture.first());
    CHECK(fixture.api.counts().minted == 1);

    const auto journal = fixture.api.journal();
    REQUIRE(journal.size() == 2);
    CHECK(journal[0].path == "/v2/kubernetes/clusters/" + fixture.first());
    CHECK(journal[1].path == "/v2/kubernetes/clusters/" + fixture.first() + "/credentials?expiry_seconds=3600");
    CHECK(exact->info().request_id == journal[1].request_id);
    CHECK(exact->info().attempts == 2);

    const auto received = fetch(fixture, fixture.first(), {});
    REQUIRE(received.has_value());
    CHECK_FALSE(received->expires_exactly());
    auto text = changed(exact->bytes(), exact->current().token.reveal(), received->current().token.reveal());
    std::erase(text, '"'); // a token that begins with a digit is rendered in quotes
    CHECK(text == received->bytes());
}

TEST_CASE("the expiry is the one that the API states, whatever was asked for")
{
    simulator_fixture fixture;
    fixture.api.script(fault_of(sim::fault_kind::none), "/v2/kubernetes/clusters/");
    fixture.api.script(credentials_with("a-token"), "/v2/kubernetes/clusters/");
    const auto got = fetch(fixture, fixture.first());
    REQUIRE(got.has_value());
    using namespace std::chrono;
    CHECK(*got->expires_at() == sys_days(2030y / January / 2) + 3h + 4min + 5s + 678ms);
    CHECK(got->current().server == "https://127.0.0.1:1/x");
}

TEST_CASE("a certificate cluster's kubeconfig is rendered too: its own date counts, the wish had no effect")
{
    simulator_fixture fixture;
    const auto old = fixture.api.set_cluster({.form = sim::credential_form::certificate});
    const auto exact = fetch(fixture, old);
    REQUIRE(exact.has_value());
    CHECK(exact->kind() == credential_kind::certificate);
    CHECK(exact->expires_exactly());
    CHECK(exact->expiry_ignored());
    CHECK(exact->current().client_key.reveal().starts_with("-----BEGIN"));
    CHECK(exact->current().token.empty());
}

TEST_CASE("a cluster with single sign-on gives a token; other types than token are refused before anything is sent")
{
    simulator_fixture fixture;
    const auto single = fixture.api.set_cluster({.sso = true});
    CHECK(fetch(fixture, single)->kind() == credential_kind::token);
    const auto before = fixture.api.counts().requests;
    for (const auto type : {credential_type::sso, credential_type::cluster_decides}) {
        const auto got = fetch(fixture, single, {.type = type, .expiry_is = expiry_precision::exact});
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error() == errc::invalid_argument);
        CHECK(got.error().message().find("exact expiry") != std::string::npos);
    }
    CHECK(fetch(fixture, "a/b").error() == condition::invalid);
    CHECK(fixture.api.counts().requests == before);
}

TEST_CASE("where the cluster cannot be had nothing is minted, and each request's failure is the call's")
{
    simulator_fixture fixture;
    const auto gone = fetch(fixture, "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11");
    REQUIRE_FALSE(gone.has_value());
    CHECK(gone.error() == condition::not_found);
    CHECK(fixture.api.counts().requests == 1);

    const auto made = fixture.api.set_cluster({.state = "provisioning"});
    const auto early = fetch(fixture, made);
    REQUIRE_FALSE(early.has_value());
    CHECK(early.error() == condition::not_found);
    CHECK(early.error().message().find("/credentials") != std::string::npos);
    CHECK(early.error().attempts() == 2);
    CHECK(fixture.api.counts().minted == 0);
}

TEST_CASE("credentials of another cluster, or such as no kubeconfig can carry, are not delivered")
{
    simulator_fixture fixture;
    const auto deliver = [&](const sim::fault& what) {
        fixture.api.script(fault_of(sim::fault_kind::none), "/v2/kubernetes/clusters/");
        fixture.api.script(what, "/v2/kubernetes/clusters/");
        const auto got = fetch(fixture, fixture.first());
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().message().find("hunter2") == std::string::npos);
        return got.error();
    };
    CHECK(deliver(credentials_with("a", "https://b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11.k8s.ondigitalocean.com")) ==
          errc::wrong_cluster);
    CHECK(deliver(credentials_with("hunter2\\nkind: Pod")) == errc::not_a_kubeconfig);
    CHECK(deliver(credentials_with("hunter2", "http://127.0.0.1")) == errc::not_a_kubeconfig);
    CHECK(deliver(credentials_with("")) == errc::unexpected_response);
    CHECK(deliver(credentials_with(fixture.api.token())) ==
          errc::unexpected_response); // which is worth the whole account
}

TEST_CASE("both requests share one deadline")
{
    simulator_fixture fixture;
    fixture.api.script(fault_of(sim::fault_kind::none), "/v2/kubernetes/clusters/");
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), "/v2/kubernetes/clusters/");
    auto how = exactly;
    how.timeout = 300ms;
    const auto got = fetch(fixture, fixture.first(), how);
    REQUIRE_FALSE(got.has_value());
    CHECK(got.error() == condition::timeout);
    CHECK(got.error().phase() == "first byte");
    CHECK(got.error().elapsed() >= 300ms);
    CHECK(got.error().elapsed() < 3s);
}

TEST_CASE("an exact kubeconfig is cancelled within either request")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    for (const std::size_t at : {1u, 2u}) {
        const auto before = fixture.api.counts().requests;
        if (at == 2) fixture.api.script(fault_of(sim::fault_kind::none), "/v2/kubernetes/clusters/");
        fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), "/v2/kubernetes/clusters/");
        asio::cancellation_signal signal;
        unsigned completions = 0;
        std::optional<result<kubeconfig>> outcome;
        client.try_kubeconfig(
            fixture.first(), exactly, asio::bind_cancellation_slot(signal.slot(), [&](result<kubeconfig> got) {
                ++completions;
                outcome = std::move(got);
            }));
        fixture.run_until_requests(before + at);
        signal.emit(asio::cancellation_type::total);
        fixture.run_dry();
        CHECK(completions == 1);
        REQUIRE(outcome);
        CHECK(outcome->error() == condition::cancelled);
        CHECK(fixture.api.counts().requests == before + at);
    }
}

}
