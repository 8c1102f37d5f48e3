#include "core/redactor.hpp"
#include "support/long_form.hpp"
#include "support/secrets/encoders.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

// The redactor against texts that hold secrets in each encoding, cut and nested, and against texts that hold none.

using doks::core::redactor;
using namespace doks::test;

namespace {

const std::string token = "dop_v1_5f1c9a7ec0ffee5f1c9a7ec0ffee5f1c9a7ec0ffee5f1c9a7ec0ffee5f1c9a7e";
/// Without the form of DigitalOcean's, so that it is known only because it was added.
const std::string other = "Zm9v.SECRET~x7Kq+2b/9-secret_of_ours==Tail!";

redactor knowing(std::string_view secret)
{
    redactor made;
    made.add(secret);
    return made;
}

}

TEST_CASE("a secret is recognised as it is, in any case, and from eight of its characters on")
{
    const auto known = knowing(other);
    for (std::size_t at = 0; at < other.size(); ++at)
        for (std::size_t size = 1; at + size <= other.size(); ++size) {
            const auto part = other.substr(at, size);
            CAPTURE(part);
            REQUIRE(known.recognises("upstream said: " + part + " (sic)") == (size >= redactor::fragment));
            REQUIRE(known.recognises(in_capitals(part)) == (size >= redactor::fragment));
        }
}

TEST_CASE("a secret is recognised in every encoding, and in up to three of them inside one another")
{
    for (const auto& secret : {token, other}) {
        const auto known = knowing(secret);
        const auto header = "Authorization: Bearer " + secret + "\r\n";
        for (const auto first : encoders()) {
            CHECK(known.recognises(first(secret)));
            CHECK(known.recognises("a: " + first(header) + " b"));
            for (const auto second : encoders()) {
                if (second == &in_capitals) continue; // of base64 it leaves nothing
                CHECK(known.recognises(second(first(header))));
                for (const auto third : encoders())
                    if (third != &in_capitals) CHECK(known.recognises(third(second(first(secret.substr(0, 16))))));
            }
        }
    }
}

TEST_CASE("line ends, spaces and what replaced control characters do not hide a secret")
{
    const auto known = knowing(other);
    for (const std::string_view gap : {"\r\n ", " ", "\t", "?", "??", "\x01", "\xe2\x80\x8b"}) {
        std::string spread;
        for (std::size_t i = 0; i < other.size(); ++i) (spread += other[i]) += i % 5 == 4 ? gap : std::string_view();
        CAPTURE(spread);
        CHECK(known.recognises(spread));
    }
}

TEST_CASE("random secrets, positions, encodings and cuts: twelve characters in a row are never missed")
{
    std::mt19937_64 random(20260912);
    const std::size_t rounds = is_long() ? 10'000 : 1'000;
    std::size_t leaks = 0;
    std::size_t missed = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto secret =
            round % 2 ? random_token(random) : random_text(random, "ABCxyz019-._~+/=", 12 + below(random, 60));
        const auto known = knowing(secret);
        const leak_finder finder(secret);
        std::string echo = round % 3 ? "Authorization: Bearer " + secret : secret;
        const auto encode = encoders()[below(random, encoders().size())];
        if (below(random, 4) != 0) echo = encode(random_text(random, "abc", below(random, 4)) + echo);
        const auto text = random_noise(random, below(random, 4)) + echo + random_noise(random, below(random, 4));
        const std::size_t from = below(random, text.size());
        const auto cut = text.substr(from, 1 + below(random, text.size() - from));
        if (finder.find(cut).empty()) continue;
        ++leaks;
        if (known.recognises(cut)) continue;
        ++missed;
        CAPTURE(secret);
        CAPTURE(cut);
        CHECK(known.recognises(cut));
    }
    CHECK(leaks > rounds / 5);
    MESSAGE(rounds << " echoes, " << leaks << " with 12 or more characters of a secret: missed " << missed);
}

TEST_CASE("what holds no secret stays as it is")
{
    std::mt19937_64 random(7);
    redactor known;
    for (int i = 0; i < 20; ++i) known.add(random_token(random));
    known.add("user:pa55");
    std::size_t redacted = 0;
    for (int i = 0; i < 1'000; ++i) {
        std::string id = random_text(random, "0123456789abcdef", 36);
        for (const std::size_t dash : {8, 13, 18, 23}) id[dash] = '-';
        redacted += known.recognises(id);
        redacted += known.recognises(random_noise(random, 12));
        redacted += known.recognises("do-nyc1-production-" + random_text(random, "0123456789abcdef", 16));
    }
    CHECK(redacted == 0);
    for (const std::string harmless :
        {"", "Bearer", "dop_v1_", "the API token lacks a scope: kubernetes:access_cluster",
            "Unable to authenticate you", "user", "clusters in nyc1"})
        CHECK_MESSAGE(!known.recognises(harmless), harmless);
}

TEST_CASE("a text in the form of a secret is recognised though it was not added")
{
    const redactor none;
    CHECK(none.recognises("token " + token));
    CHECK(none.recognises(base64_with("Bearer " + token, "+/")));
    CHECK(none.recognises("-----BEGIN RSA PRIVATE KEY-----"));
    CHECK_FALSE(none.recognises("dop_v1_example"));
    CHECK_FALSE(none.recognises(other));
}

TEST_CASE("a secret of less than eight characters is not looked for: it may be any word")
{
    for (const std::string_view secret : {"nyc1", "5b7a", "cluster", "a", ""}) {
        const auto known = knowing(secret);
        for (const std::string text : {"nyc1", "5b7ad5c5-f5a4-4ae2-a1d4-d9ff1f1f5a10", "cluster", "cluster-1", "a"})
            CHECK_FALSE(known.recognises(text));
    }
    CHECK(knowing("cluster8").recognises("my cluster8"));
}

TEST_CASE("secrets of several owners are looked for together")
{
    redactor all;
    all.add(knowing(token));
    all.add(knowing(other));
    for (const std::string_view each : {std::string_view(token), std::string_view(other)})
        CHECK(all.recognises("<p>" + std::string(each) + "</p>"));
}

TEST_CASE("each text of a failure that may be a server's becomes one word where it repeats a secret")
{
    const auto known = knowing(other);
    doks::failure_record record;
    record.operation = "GET /v2/" + other; // the client's own, as the remedy is
    record.api_id = other.substr(0, 10);
    record.api_message = base64_with("Bearer " + other, "-_");
    record.detail = each_as("%%%02x", other);
    record.remedy = other;
    record.info.request_id = other;
    known.redact(record);
    const std::string word(redactor::redacted_text);
    for (const auto& each : {record.api_id, record.api_message, record.detail, record.info.request_id})
        CHECK(each == word);
    CHECK(record.operation == "GET /v2/" + other);
    CHECK(record.remedy == other);
    record.detail = "asked for a, got one for b";
    known.redact(record);
    CHECK(record.detail == "asked for a, got one for b");
}

TEST_CASE("a kubeconfig that repeats a whole secret is recognised, wherever it stands")
{
    const encoder forms[] = {[](std::string_view text) { return std::string(text); },
        [](std::string_view text) { return base64_with(text, "+/"); },
        [](std::string_view text) { return base64_with(text, "-_"); },
        [](std::string_view text) { return each_as("%%%02X", text); },
        [](std::string_view text) { return each_as("%%%02x", text); },
        [](std::string_view text) { return each_as("%02X", text); },
        [](std::string_view text) { return each_as("%02x", text); }};
    for (const auto& secret : {token, other}) {
        const auto known = knowing(secret);
        for (const auto in_form : forms)
            for (const std::string before : {"", "B", "Bearer ", "Authorization: Bearer "}) {
                const auto echo = in_form(before + secret + "\r\n");
                CAPTURE(echo);
                CHECK(known.strays_into(echo));
                CHECK(known.strays_into("users:\n- name: u\n  user:\n    token: " + echo));
                CHECK(known.strays_into("current-context: do-nyc1-one\n# " + echo + "\nkind: Config\n"));
            }
    }
}

TEST_CASE("a secret with escapes is the same secret in a kubeconfig, and so are a DigitalOcean token's digits")
{
    const auto known = knowing(token);
    CHECK(known.strays_into("token: \"\\u0064" + token.substr(1) + "\"\n"));
    CHECK(known.strays_into("token: \"" + token.substr(0, 30) + "\\\n    " + token.substr(30) + "\"\n"));
    CHECK(known.strays_into("name: \"" + each_as("\\x%02x", token) + "\"\n"));
    CHECK(known.strays_into("token: " + token.substr(7) + "\n"));
}

TEST_CASE("no kubeconfig is refused for a credential of its own, or for a word that is in a password")
{
    auto known = knowing(token);
    for (const std::string_view word : {"admin", "do-nyc1-one", "client-certificate"}) known.add(word);
    const std::string issued = "dop_v1_" + token.substr(8) + "0";
    CHECK_FALSE(known.strays_into("current-context: do-nyc1-one\nusers:\n- user:\n    token: " + issued + "\n"));
    CHECK_FALSE(known.strays_into("client-certificate-data: " + base64_with(issued, "+/")));
    CHECK_FALSE(known.strays_into(token.substr(8)));
    CHECK_FALSE(known.strays_into(""));
}

TEST_CASE("a text that is too long to be looked through is not passed on")
{
    const auto known = knowing(other);
    CHECK_FALSE(known.recognises(std::string(1000, 'a')));
    CHECK(known.recognises(std::string(1024 * 1024, 'a')));
    std::string deep = "a";
    for (int i = 0; i < 4096; ++i) deep += "%25\\u0025&#37;YWFhYWFhYWFhYWFhYWFhYQ==";
    CHECK(known.recognises(deep));
}
