#include "api/simulator_fixture.hpp"
#include "support/certificates/test_authority.hpp"
#include "support/trust_environment.hpp"

#include <optional>

#include <unistd.h>

// What a client refuses when it is made, and whom it refuses to talk to.

namespace doks::test {

namespace {

/// Why no client is made with this configuration.
std::optional<failure> refusal_of(client_config how)
{
    asio::io_context context;
    try {
        const client made(context.get_executor(), std::move(how));
        return std::nullopt;
    } catch (const failure& why) {
        return why;
    }
}

client_config with_url(std::string url)
{
    client_config how;
    how.api_url = std::move(url);
    return how;
}

}

TEST_CASE("http:// is refused for anything but a loopback literal")
{
    for (const char* url :
        {"http://api.digitalocean.com", "http://localhost", "http://localhost:8080", "http://localhost.evil",
            "http://127.0.0.1.evil.test", "http://127.1", "http://2130706433", "http://0x7f.1",
            "http://[::ffff:10.0.0.1]", "http://10.0.0.1", "http://0.0.0.0", "http://[::]", "http://[fe80::1]"}) {
        const auto why = refusal_of(with_url(url));
        CAPTURE(url);
        REQUIRE(why);
        CHECK(*why == condition::invalid);
        CHECK(why->message().find("api_url") != std::string::npos);
    }
    for (const char* url : {"http://127.0.0.1", "http://127.0.0.1:80", "http://127.9.9.9/base", "http://[::1]:8080"}) {
        CAPTURE(url);
        CHECK_FALSE(refusal_of(with_url(url)));
    }
}

TEST_CASE("a URL that hides something is refused")
{
    for (const char* url : {"", "api.digitalocean.com", "ftp://api.test", "https://", "https:///path",
             "https://user@api.test", "https://user:pw@api.test", "https://127.0.0.1@evil.test", "https://api.test?x=1",
             "https://api.test#x", "https://api test", "https://api.test\r\nX: y", "https://api.test:0",
             "https://api.test:65536", "https://api.test:", "https://api.test:-1", "https://[::1", "https://[::1]x",
             "http://127.0.0.1\\@evil.test", "HTTPS//api.test"}) {
        CAPTURE(url);
        const auto why = refusal_of(with_url(url));
        REQUIRE(why);
        CHECK(*why == errc::invalid_argument);
        CHECK(why->record().operation == "api_url");
    }
}

TEST_CASE("an API URL has one canonical form")
{
    for (const char* url :
        {"https://API.digitalocean.com", "https://api.digitalocean.com:443/", "https://api.DigitalOcean.com//"})
        CHECK(canonical_api_url(url) == "https://api.digitalocean.com");
    CHECK(canonical_api_url("https://proxy.example:8443/v2/") == "https://proxy.example:8443/v2");
    CHECK(canonical_api_url("http://127.0.0.1:80") == "http://127.0.0.1");
    CHECK(canonical_api_url("http://[::1]:8080") == "http://[::1]:8080");
    CHECK_THROWS_AS(canonical_api_url("http://api.digitalocean.com"), failure);
}

TEST_CASE("a field that cannot be is refused by its name")
{
    const auto operation_of = [](auto change) {
        auto how = with_url("http://127.0.0.1:1");
        change(how);
        const auto why = refusal_of(how);
        return why ? why->record().operation : "accepted";
    };
    CHECK(operation_of([](client_config&) {}) == "accepted");
    CHECK(operation_of([](client_config& how) { how.connections = 0; }) == "connections");
    CHECK(operation_of([](client_config& how) { how.attempts = 0; }) == "attempts");
    CHECK(operation_of([](client_config& how) { how.rate_limit = {{0, 1min}}; }) == "rate_limit");
    CHECK(operation_of([](client_config& how) { how.rate_limit = {{1, 0s}}; }) == "rate_limit");
    CHECK(operation_of([](client_config& how) { how.user_agent = "a\r\nb"; }) == "user_agent");
    CHECK(operation_of([](client_config& how) { how.timeouts.call = 0s; }) == "timeouts.call");
    CHECK(operation_of([](client_config& how) { how.timeouts.body_idle = -1s; }) == "timeouts.body_idle");
}

TEST_CASE("a CA file that is missing, empty or no PEM is refused with its path")
{
    scratch_folder folder;
    replace_file(folder / "empty", "");
    replace_file(folder / "text", "-----BEGIN NONSENSE-----\nAAAA\n-----END NONSENSE-----\n");
    std::filesystem::create_directory(folder / "folder");
    std::vector<std::string> names = {"missing", "empty", "text", "folder"};
    if (::geteuid() != 0) {
        replace_file(folder / "unreadable", "x");
        std::filesystem::permissions(folder / "unreadable", std::filesystem::perms::none);
        names.push_back("unreadable");
    }
    for (const auto& name : names) {
        auto how = with_url("https://api.test");
        how.tls.ca_file = (folder / name).string();
        const auto why = refusal_of(how);
        CAPTURE(name);
        REQUIRE(why);
        CHECK(*why == errc::unusable_trust_store);
        CHECK(*why == condition::tls);
        CHECK(why->message().find(how.tls.ca_file) != std::string::npos);
    }
}

TEST_CASE("an empty trust store is found when the client is made, and named")
{
    scratch_folder folder;
    const auto nothing = (folder / "nothing.pem").string();
    const auto nowhere = (folder / "nowhere").string();
    const test_authority authority("api.test");
    {
        const trust_environment set(nothing, nowhere);
        const auto why = refusal_of(with_url("https://api.test"));
        REQUIRE(why);
        CHECK(*why == errc::unusable_trust_store);
        CHECK(why->message().find(nothing) != std::string::npos);
        CHECK(why->message().find(nowhere) != std::string::npos);
        CHECK_FALSE(refusal_of(with_url("http://127.0.0.1:1")));
    }
    std::filesystem::create_directory(folder / "nowhere");
    {
        const trust_environment set(nothing, nowhere);
        CHECK(refusal_of(with_url("https://api.test")));
    }
    const trust_environment set(authority.ca_file(), nowhere);
    CHECK_FALSE(refusal_of(with_url("https://api.test")));
}

TEST_CASE("a server whose certificate is another CA's gets no request, and is not tried again")
{
    simulator_fixture fixture;
    sim::simulator other;
    auto how = fixture.config();
    how.tls.ca_file = other.ca_file();
    const client stranger(fixture.context.get_executor(), how);
    const auto got = fixture.run(stranger.try_kubeconfig(fixture.first()));
    REQUIRE(!got);
    CHECK(got.error() == errc::certificate_rejected);
    CHECK(got.error() == condition::tls);
    CHECK(got.error().phase() == "tls");
    CHECK(got.error().attempts() == 1);
    CHECK(fixture.api.counts().requests == 0);
    CHECK(fixture.api.counts().connections == 1);
}

TEST_CASE("plain http on loopback works as https does")
{
    auto plain = unlimited(10);
    plain.plain_http = true;
    simulator_fixture fixture(plain);
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids());
    const auto items = fixture.run(read_all(all));
    CHECK(items.size() == 10);
    for (const auto& item : items) CHECK(is_for_its_own(fixture.api, item));
}

TEST_CASE("an API without a listener is unreachable")
{
    client_config how;
    {
        const simulator_fixture gone;
        how = gone.config();
    }
    const test_authority authority("api.test");
    how.tls.ca_file = authority.ca_file();
    how.attempts = 2;
    asio::io_context context;
    const client lonely(context.get_executor(), how);
    auto got = lonely.try_kubeconfig("a", {}, asio::use_future);
    context.run();
    const auto outcome = got.get();
    REQUIRE(!outcome);
    CHECK(outcome.error() == condition::unreachable);
    CHECK(outcome.error().phase() == "connect");
    CHECK(outcome.error().attempts() == 2);
    CHECK(outcome.error().why_stopped() == stop_reason::exhausted);
}

}
