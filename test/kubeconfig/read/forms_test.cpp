#include "kubeconfig/samples.hpp"
#include "support/text.hpp"

#include <doks/kubeconfig.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

// What `kubeconfig::current` reads from each form that the API writes or might write, and how it names what is
// wrong. Paths are compared exactly, since users search their file for them.

using namespace std::chrono_literals;
using doks::credential_kind;
using doks::kubeconfig;

namespace {

kubeconfig config_of(std::string_view text) { return kubeconfig(text); }

/// Why the text is refused.
std::string fault_of(std::string_view text)
{
    try {
        config_of(text).current();
    } catch (const doks::failure& why) {
        REQUIRE(why == doks::errc::not_a_kubeconfig);
        return why.detail();
    }
    return "none";
}

}

// The form in which DigitalOcean's API writes it for clusters with token support.
TEST_CASE("a token kubeconfig gives server, authority and token, decoded")
{
    const auto config = config_of(sample::with_token());
    CHECK(config.kind() == credential_kind::token);
    CHECK(config.current().context == "do-nyc1-blue");
    CHECK(config.current().server == "https://" + std::string(sample::id) + ".k8s.ondigitalocean.com");
    CHECK(config.current().certificate_authority == sample::long_lived().certificate);
    CHECK(config.current().token.reveal() == sample::token);
    CHECK(config.current().client_certificate.empty());
    CHECK_FALSE(config.current().exec);
    CHECK(config.bytes() == sample::with_token());
}

// The form for older clusters. Clients need PEM, and the file holds base64 of it.
TEST_CASE("a certificate kubeconfig gives certificate and key as PEM")
{
    const auto config = config_of(sample::with_certificate());
    CHECK(config.kind() == credential_kind::certificate);
    CHECK(config.current().client_certificate == sample::long_lived().certificate);
    CHECK(config.current().client_key.reveal() == sample::long_lived().key);
    CHECK(config.current().token.empty());
}

// With `type=sso` the API gives an entry that runs a program; doks describes it and never runs it.
TEST_CASE("a single sign-on kubeconfig gives its exec entry")
{
    const auto config = config_of(sample::with_exec());
    REQUIRE(config.kind() == credential_kind::exec);
    const auto& exec = *config.current().exec;
    CHECK(exec.command == "doctl");
    CHECK(exec.api_version == "client.authentication.k8s.io/v1beta1");
    CHECK(exec.arguments == std::vector<std::string>{"kubernetes", "cluster"});
    REQUIRE(exec.environment.size() == 1);
    CHECK(exec.environment[0] == std::pair<std::string, std::string>("MODE", "quiet"));
}

// The API may change its emitter at any time. Everything that YAML lets it write differently has to read the same.
TEST_CASE("quotes, folded lines, CRLF, JSON and unknown fields make no difference")
{
    const std::string token(sample::token);
    CHECK(config_of(sample::around("    token: \"" + token + "\"\n")).current().token.reveal() == token);
    CHECK(config_of(sample::around("    token: '" + token + "'\n")).current().token.reveal() == token);
    CHECK(config_of(sample::around("    token: 'a''b'''\n")).current().token.reveal() == "a'b'");
    CHECK(config_of(sample::around("    'token': '''a'\n")).current().token.reveal() == "'a");
    CHECK(config_of(sample::around("    token: \"\\x41b\"\n")).current().token.reveal() == "Ab");
    CHECK(config_of(sample::around("    token: >-\n      " + token + "\n")).current().token.reveal() == token);
    CHECK(config_of(sample::around("    new-field: {a: [1, 2]}\n    token: x\n")).current().token.reveal() == "x");
    CHECK(config_of("---\n" + sample::with_token()).current().token.reveal() == token);
    CHECK(config_of(sample::as_json()).current().token.reveal() == "abcDef");
    CHECK(config_of(doks::test::with_crlf(sample::with_token())).current().token.reveal() == token);
}

// Kubernetes' own decoder skips line ends, and refuses everything else that is not strict base64.
TEST_CASE("base64 over several lines decodes; other base64 is refused by its path")
{
    const std::string key = sample::base64(sample::long_lived().key);
    const std::string lines = "|\n      " + key.substr(0, 64) + "\n      " + key.substr(64);
    CHECK(config_of(sample::changed(sample::with_certificate(), key, lines)).current().client_key.reveal() ==
          sample::long_lived().key);
    const std::string path = "`users[0].user.client-key-data` ";
    CHECK(fault_of(sample::changed(sample::with_certificate(), key, "A" + key)) == path + "is not base64");
    CHECK(fault_of(sample::changed(sample::with_certificate(), key, "QUJD")) ==
          path + "is not a PEM text of the kind it should be");
    CHECK(fault_of(sample::changed(sample::with_certificate(), key, "null")) == path + "is missing");
}

// The path lets a user find the line, and no value is quoted, since it may be the secret.
TEST_CASE("a missing field is named by its path")
{
    const std::string good = sample::with_token();
    CHECK(fault_of(sample::changed(good, "current-context: do-nyc1-blue\n", "")) == "`current-context` is missing");
    CHECK(fault_of(sample::changed(good, "current-context: do-nyc1-blue", "current-context: gone")) ==
          "`current-context` names no entry of `contexts`");
    CHECK(fault_of(sample::changed(good, "    cluster: do-nyc1-blue", "    cluster: gone")) ==
          "`contexts[0].context.cluster` names no entry of `clusters`");
    CHECK(fault_of(sample::changed(good, "    user: do-nyc1-blue-admin\n", "")) ==
          "`contexts[0].context.user` is missing");
    CHECK(fault_of(sample::changed(good, "    server: https", "    sever: https")) ==
          "`clusters[0].cluster.server` is missing");
    CHECK(fault_of(sample::changed(good, "    server: https", "    server: http")) ==
          "`clusters[0].cluster.server` is not an https:// URL");
    CHECK(fault_of(sample::around("    token: null\n")) == "`users[0].user` holds no credential");
    CHECK(fault_of(sample::around("")) == "`users[0].user` is missing");
    CHECK(fault_of(sample::around("    token: [a]\n")) == "`users[0].user.token` is not text");
    CHECK(fault_of("") == "it is empty");
    CHECK(fault_of("kind: Pod\n") == "`kind` is not `Config`");
    CHECK_THROWS_AS(kubeconfig().kind(), doks::failure);
}

// kubectl takes one of them and does not say which.
TEST_CASE("two entries of the same name are refused")
{
    const auto twice = sample::with_token() + "- name: do-nyc1-blue-admin\n  user:\n    token: second\n";
    CHECK(fault_of(twice) == "`users[1].name` is that of two entries");
}

// Failures end up in logs.
TEST_CASE("a failure never quotes a secret, and names its cluster")
{
    const std::string bad = sample::with_token(sample::id, "\"canary with spaces\"");
    const kubeconfig config(bad, {.cluster_id = std::string(sample::id)});
    try {
        config.current();
        FAIL("it was accepted");
    } catch (const doks::failure& why) {
        CHECK(why.message().find("canary") == std::string::npos);
        CHECK(why.message().find(sample::id) != std::string::npos);
        CHECK(why.detail() == "`users[0].user.token` holds characters that cannot be sent");
    }
}

// The bytes are parsed once, by whichever thread asks first; the others wait for it.
TEST_CASE("eight threads that ask at once get one and the same parse")
{
    const auto config = config_of(sample::with_certificate());
    std::atomic<int> ready{0};
    std::vector<const doks::cluster_access*> seen(8);
    std::vector<std::thread> threads;
    for (auto& place : seen)
        threads.emplace_back([copy = config, &ready, &place] {
            ++ready;
            while (ready.load() < 8) std::this_thread::yield();
            place = &copy.current();
        });
    for (auto& thread : threads) thread.join();
    for (const auto* access : seen) CHECK(access == seen.front());
}

// The API does not state a token's expiry in the kubeconfig, so it is estimated from the start of the request:
// never too late.
TEST_CASE("a token expires as asked for, counted from the request; in 7 days if nothing was asked")
{
    const auto start = std::chrono::system_clock::time_point(24h * 20000);
    const auto expiring = [start](std::chrono::seconds expiry) {
        return kubeconfig(sample::with_token(), {.requested_at = start, .expiry = expiry});
    };
    CHECK(expiring(15min).expires_at() == start + 15min);
    CHECK(expiring(0s).expires_at() == start + 168h);
    CHECK(expiring(std::chrono::seconds::max()).expires_at() > start + 168h);
    CHECK_FALSE(expiring(15min).expires_exactly());
    CHECK_FALSE(expiring(15min).expiry_ignored());
    CHECK_FALSE(config_of(sample::with_token()).expires_at());
}

// The index on disk, and an exact expiry that was read from `/credentials`.
TEST_CASE("an expiry that is known by other means counts for a token")
{
    const auto when = std::chrono::system_clock::time_point(24h * 20000);
    const kubeconfig config(
        sample::with_token(), {.requested_at = when - 10h, .expiry = 1h, .expires_at = when, .expires_exactly = true});
    CHECK(config.expires_at() == when);
    CHECK(config.expires_exactly());
}

// Clusters that use certificates ignore the requested expiry, and the caller has to be told.
TEST_CASE("a certificate expires when it says, whatever was asked for, and the result says so")
{
    const kubeconfig config(sample::with_certificate(), {.requested_at = std::chrono::system_clock::now(),
                                                            .expiry = 1h,
                                                            .expires_at = std::chrono::system_clock::now()});
    CHECK(config.expires_at() == sample::long_lived().not_after);
    CHECK(config.expires_exactly());
    CHECK(config.expiry_ignored());
    CHECK_FALSE(config_of(sample::with_certificate()).expiry_ignored());
}

// The program mints a new credential whenever it is run.
TEST_CASE("an exec entry has no expiry")
{
    const kubeconfig config(sample::with_exec(), {.requested_at = std::chrono::system_clock::now(), .expiry = 1h});
    CHECK_FALSE(config.expires_at());
    CHECK_FALSE(config.expires_exactly());
}
