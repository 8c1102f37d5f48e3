#include "api/simulator_fixture.hpp"
#include "yaml/document.hpp"

#include <doks/render.hpp>

// A rendered kubeconfig is read back exactly, whatever names and tokens hold.

namespace doks::test {

namespace {

const std::string some_id = "0f1e2d3c-4b5a-4697-8877-665544332211";

credentials with_token(std::string_view token)
{
    credentials made;
    made.server = "https://" + some_id + ".k8s.ondigitalocean.com";
    made.token = secret(token);
    made.expires_at = std::chrono::system_clock::time_point(2'000'000'000s);
    return made;
}

cluster called(std::string name, std::string region = "nyc1")
{
    cluster made;
    made.id = some_id;
    made.name = std::move(name);
    made.region = std::move(region);
    return made;
}

/// Why these credentials cannot be rendered.
std::string refusal_of(const credentials& from, const cluster& of)
{
    try {
        render(from, of);
    } catch (const failure& why) {
        CHECK(why == errc::not_a_kubeconfig);
        return why.message();
    }
    return {};
}

/// The document's scalars as the parser reads them.
std::string name_of_user(const kubeconfig& config)
{
    const auto document = yaml::document::parse(config.bytes());
    REQUIRE(document.has_value());
    const auto* const users = document->root().find("users");
    REQUIRE(users);
    return std::string(users->children->find("name")->text);
}

}

TEST_CASE("a plain cluster and token are rendered as the API writes them")
{
    const auto made = render(with_token("abc.DEF-123"), called("prod"));
    CHECK(made.bytes() == "apiVersion: v1\nclusters:\n- cluster:\n    server: https://" + some_id +
                              ".k8s.ondigitalocean.com\n  name: do-nyc1-prod\ncontexts:\n- context:\n"
                              "    cluster: do-nyc1-prod\n    user: do-nyc1-prod-admin\n  name: do-nyc1-prod\n"
                              "current-context: do-nyc1-prod\nkind: Config\npreferences: {}\nusers:\n"
                              "- name: do-nyc1-prod-admin\n  user:\n    token: abc.DEF-123\n");
    CHECK(made.expires_exactly());
    CHECK(*made.expires_at() == std::chrono::system_clock::time_point(2'000'000'000s));
    CHECK(made.cluster_id() == some_id);
}

TEST_CASE("hostile names are read back exactly")
{
    for (const std::string name : {"a: b", "a #b", "\"", "'", "it's", "\\", "\\n", "\\\"", " a ", "- x", "{}", "[]",
             "%", "&a", "*a", "!a", "|", ">", "@", "`", "?", ",", "a,b", "true", "null", "~", "1e3", "x\\", "\"\nx",
             "gr\xc3\xbcn", "\xe9\x9d\x92", "\xf0\x9f\x90\xb3", "a\"b'c\\d: e # f"}) {
        CAPTURE(name);
        const auto made = render(with_token("t"), called(name));
        const auto expected = "do-nyc1-" + (name == "\"\nx" ? some_id : name);
        CHECK(made.current().context == expected);
        CHECK(name_of_user(made) == expected + "-admin");
        CHECK(made.current().token.reveal() == "t");
    }
}

TEST_CASE("hostile tokens are read back exactly")
{
    for (const std::string token : {"123456", "0x1F", "1e3", "1_000", "true", "NULL", "no", "On", "y", "~", "-", "--",
             "---", "...", ".inf", "=", "a:b", "a#b", "#", "\"", "\"\"", "'", "''", "\\", "\\\\", "\\n", "{a}", "[a]",
             "a,b", "%a", "&a", "*a", "!a", "!!str", "|", ">", "@a", "`a", "?", "a?", "<<", "2020-01-01", "12:30:45",
             "a\"b'c\\d:e#f", "dop_v1_0123456789abcdef"}) {
        CAPTURE(token);
        const auto made = render(with_token(token), called("prod"));
        CHECK(made.current().token.reveal() == token);
        CHECK(made.kind() == credential_kind::token);
    }
}

TEST_CASE("any printable token is read back exactly")
{
    std::string printable;
    for (char c = '!'; c <= '~'; ++c) printable.push_back(c);
    for (std::size_t from = 0; from < printable.size(); ++from)
        for (std::size_t size : {1u, 2u, 7u, 94u}) {
            const auto token = (printable + printable).substr(from, size);
            REQUIRE(render(with_token(token), called(token)).current().token.reveal() == token);
            REQUIRE(render(with_token(token), called(token)).current().context == "do-nyc1-" + token);
        }
}

TEST_CASE("a token that no header can carry is refused and not quoted")
{
    for (const std::string_view token : {"hunter2 x", "hunter2\n", "hunter2\nkind: Pod", "hunter2\x01", "hunter2\xff",
             "hunter2\xc3\xbc", "\thunter2"}) {
        const auto said = refusal_of(with_token(token), called("prod"));
        CHECK(said.find("the token") != std::string::npos);
        CHECK(said.find("hunter2") == std::string::npos);
    }
    CHECK_FALSE(refusal_of(with_token(std::string_view("a\0b", 3)), called("prod")).empty());
    CHECK(refusal_of(with_token(""), called("prod")).find("neither a token") != std::string::npos);
}

TEST_CASE("a name that is missing or must not be shown gives way to the id, a region goes")
{
    for (const std::string name : {"", "a\nb", "\x1b[2J", "\xff", "\xe2\x80\xae", "\xef\xbb\xbf", "a\xef\xbf\xbf"})
        CHECK(render(with_token("t"), called(name)).current().context == "do-nyc1-" + some_id);
    CHECK(render(with_token("t"), called("prod", "")).current().context == "do-prod");
    CHECK(render(with_token("t"), called("prod", "a\nb")).current().context == "do-prod");
    auto nameless = called("");
    nameless.id.clear();
    CHECK(refusal_of(with_token("t"), nameless).find("neither a name nor an id") != std::string::npos);
}

TEST_CASE("servers: https only, whatever else they hold is read back")
{
    for (const char* url : {"https://10.0.0.1:6443", "https://[::1]:6443/a", "https://h/a?b=c#d", "https://h/'\"\\",
             "https://127.0.0.1:1/clusters/x", "https://h:", "https://h:1:2"}) {
        auto from = with_token("t");
        from.server = url;
        CHECK(render(from, called("prod")).current().server == url);
    }
    for (const char* url : {"", "http://h", "https://", "https://a b", "https://a\nb", "/x"}) {
        auto from = with_token("t");
        from.server = url;
        CHECK(refusal_of(from, called("prod")).find("server") != std::string::npos);
    }
}

TEST_CASE("certificates and keys are read back byte by byte; a text that is not PEM is refused")
{
    simulator_fixture fixture;
    const auto old = fixture.api.set_cluster({.form = sim::credential_form::certificate});
    const auto from = fixture.run(fixture.client().credentials(old));
    const auto made = render(from, fixture.run(fixture.client().cluster(old)));
    CHECK(made.kind() == credential_kind::certificate);
    CHECK(made.current().certificate_authority == from.certificate_authority);
    CHECK(made.current().client_certificate == from.client_certificate);
    CHECK(made.current().client_key.reveal() == from.client_key.reveal());
    CHECK(made.expires_exactly());

    for (const std::size_t cut : {0u, 1u, 2u}) {
        auto padded = from;
        padded.certificate_authority += std::string(cut, '\n');
        CHECK(render(padded, called("prod")).current().certificate_authority == padded.certificate_authority);
    }
    auto broken = from;
    broken.client_certificate = "hunter2";
    CHECK(refusal_of(broken, called("prod")).find("hunter2") == std::string::npos);
    broken = from;
    broken.client_key = secret();
    CHECK(refusal_of(broken, called("prod")).find("client-key-data") != std::string::npos);
    broken = from;
    broken.certificate_authority = "x";
    CHECK(refusal_of(broken, called("prod")).find("certificate-authority-data") != std::string::npos);
}

TEST_CASE("a plugin takes the credential's place, and is read back as it is")
{
    const auto fetched = render(with_token("abc.DEF-123"), called("prod"));
    const exec_entry plugin{"client.authentication.k8s.io/v1beta1", "/opt/my tools/doks",
        {"credential", "it's: a \"test\" # 1", "yes", "0x10", " "}, {{"NAME", "no"}}};
    const auto made = render(fetched, plugin);
    CHECK(made.kind() == credential_kind::exec);
    CHECK(made.bytes().find("abc.DEF") == std::string_view::npos);
    CHECK(made.bytes().find("interactiveMode: Never") != std::string_view::npos);
    CHECK(made.bytes().find("provideClusterInfo: false") != std::string_view::npos);
    CHECK_FALSE(made.expires_at().has_value());
    const auto& read = made.current();
    CHECK(read.context == fetched.current().context);
    CHECK(read.server == fetched.current().server);
    CHECK(read.token.empty());
    REQUIRE(read.exec);
    CHECK(read.exec->api_version == plugin.api_version);
    CHECK(read.exec->command == plugin.command);
    CHECK(read.exec->arguments == plugin.arguments);
    CHECK(read.exec->environment == plugin.environment);
}

TEST_CASE("a plugin that no kubeconfig can carry is refused")
{
    const auto fetched = render(with_token("abc"), called("prod"));
    const auto refused = [&](const exec_entry& plugin) { CHECK_THROWS_AS(render(fetched, plugin), failure); };
    refused({"", "doks", {}, {}});
    refused({"v1", "", {}, {}});
    refused({"v1", "do\nks", {}, {}});
    refused({"v1", "doks", {"a\x1b[2J"}, {}});
    refused({"v1", "doks", {}, {{"A", "\x07"}}});
}

}
