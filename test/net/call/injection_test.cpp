#include "net/planned_world.hpp"

#include <doctest/doctest.h>

#include <vector>

// E6: whatever a caller gives for an id, a token or a user agent, one request line leaves, and it is the one meant.

using namespace doks;
using namespace doks::test;

namespace {

/// Each byte in front of, within and behind a good text, and alone.
std::vector<std::string> bytes_in(const std::string& good)
{
    std::vector<std::string> all;
    for (int value = 0; value < 256; ++value) {
        const std::string byte(1, static_cast<char>(value));
        for (const std::size_t at : {std::size_t(0), std::size_t(1), good.size() / 2, good.size() - 1, good.size()})
            all.push_back(good.substr(0, at) + byte + good.substr(at));
        all.push_back(byte);
        all.push_back(byte + byte);
    }
    return all;
}

/// Texts that have broken out of request lines and header fields before.
std::vector<std::string> nasty()
{
    const std::string nul(1, '\0');
    return {"..", ".", "../..", "../../account", "..%2f..%2faccount", "%2e%2e/account", "..;/account", "..\\account",
        "/account", "//evil.test/", "a/../../account", "a/..", "a/.", "./a", "a//b", "a%00", "a" + nul,
        "a" + nul + "/../x", "a?type=sso", "a#x", "a&b=c", "a;b", "a%20b", "a b", "a\tb", "a\r\nX: y", "a\nX: y",
        "a\rX: y", "a HTTP/1.1\r\nHost: evil.test\r\n\r\nGET /v2/account", " HTTP/1.1\r\n\r\n", "a%0d%0aX: y", "%",
        "%%", "%zz", "%u002f", "\xc0\xaf", "\xe0\x80\xaf", "\xef\xbc\x8f", "\xe2\x80\xae", "\xef\xbb\xbf", "\xff\xfe",
        "\xe5\x98\x8a\xe5\x98\x8d", "\xc4\x8d\xc4\x8a", "${HOME}", "$(id)", "`id`", "; ls", "| ls", "' OR 1=1 --", "\"",
        "'", "<script>", "{{7*7}}", "${jndi:ldap://evil.test/a}", "http://evil.test/", "https:evil.test", "@evil.test",
        ":@evil.test", "a:80", "\\\\evil.test\\x", "file:///etc/passwd", "~", "~root", "*", "?", "\x1b[2J", "\b\b\b",
        "\x7f", "nul", "con", "-", "--help", "_", "0", "-1", "1e999", "null", "undefined", "true",
        std::string(128, 'a'), std::string(129, 'a'), std::string(100'000, 'a'), std::string(64, '/'),
        std::string(300, '.'), "a.", ".a", "...", "....//"};
}

std::vector<std::string> inputs(const std::string& good)
{
    auto all = bytes_in(good);
    for (auto& each : nasty()) all.push_back(std::move(each));
    return all;
}

/// One request line and the header lines that every request has; nothing more.
bool is_one_request(const std::string& head)
{
    constexpr std::string_view names[] = {
        "GET ", "Host: ", "User-Agent: ", "Accept: ", "Accept-Encoding: ", "Authorization: Bearer "};
    std::string_view rest = head;
    for (const auto name : names) {
        const auto end = rest.find("\r\n");
        if (rest.substr(0, name.size()) != name || rest.substr(0, end).find_first_of("\r\n") != std::string_view::npos)
            return false;
        rest.remove_prefix(end + 2);
    }
    return rest == "\r\n";
}

/// Calls with odd inputs, and a count of those that reached the server in another form.
struct injection_bench : planned_world
{
    std::size_t requests() const { return world.network->requests().size(); }

    /// Starts a call and runs it; what the server saw must be `line`, or nothing where the call is refused.
    template <class Start> void try_one(Start start, const std::string& exact)
    {
        const auto before = requests();
        unsigned completions = 0;
        start([&](std::exception_ptr, const auto&) { ++completions; });
        world.run([&] { return completions != 0; });
        ++inputs;
        REQUIRE(completions == 1);
        extra += requests() > before + 1;
        if (requests() == before) return void(++rejected);
        const auto& head = last_request().head;
        escapes += !is_one_request(head) || head.find(exact) == std::string::npos;
    }
    void report(const char* what)
    {
        MESSAGE(std::string(what), ": ", inputs, " inputs, ", rejected,
            " rejected, the others exact; more requests than one ", extra, ", escapes ", escapes);
        CHECK(extra == 0);
        CHECK(escapes == 0);
        CHECK(rejected > inputs / 2);
    }

    unsigned inputs = 0, rejected = 0, extra = 0, escapes = 0;
};

}

TEST_CASE("no id leads a request out of its place")
{
    injection_bench bench;
    const auto client = bench.world.client(bench.config());
    const std::string start = "GET /v2/kubernetes/clusters/";
    for (const auto& id : inputs("a-good-id")) {
        CAPTURE(id.substr(0, 40));
        bench.try_one(
            [&](auto done) { client.kubeconfig(id, {}, done); }, start + id + "/kubeconfig?type=token HTTP/1.1\r\n");
        bench.try_one([&](auto done) { client.cluster(id, {}, done); }, start + id + " HTTP/1.1\r\n");
        bench.try_one([&](auto done) { client.credentials(id, {}, done); }, start + id + "/credentials HTTP/1.1\r\n");
    }
    bench.report("ids");
}

TEST_CASE("no token adds a line to a request")
{
    injection_bench bench;
    for (const auto& text : inputs("a-good-token")) {
        CAPTURE(text.substr(0, 40));
        auto how = bench.config();
        how.token = token(text);
        const auto client = bench.world.client(how);
        const auto id = bench.next_id();
        bench.try_one(
            [&](auto done) { client.kubeconfig(id, {}, done); }, "\r\nAuthorization: Bearer " + text + "\r\n\r\n");
    }
    bench.report("tokens");
}

TEST_CASE("no user agent adds a line to a request")
{
    injection_bench bench;
    for (const auto& text : inputs("a-good-agent/1.0")) {
        CAPTURE(text.substr(0, 40));
        auto how = bench.config();
        how.user_agent = text;
        try {
            const auto client = bench.world.client(how);
            const auto id = bench.next_id();
            bench.try_one([&](auto done) { client.kubeconfig(id, {}, done); }, "\r\nUser-Agent: " + text + " doks/");
        } catch (const failure& why) {
            CHECK(why.record().operation == "user_agent");
            ++bench.inputs;
            ++bench.rejected;
        }
    }
    bench.report("user agents");
}
