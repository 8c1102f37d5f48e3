#include "api/config/proxy_choice.hpp"
#include "api/config/settings.hpp"

#include <doks/failure.hpp>

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

// Which proxy is chosen, by the configuration and by the environment.

namespace doks::test {

namespace {

using variables = std::map<std::string, std::string>;

/// `host:port`, or "none", or "refused".
std::string choice(const proxy_settings& how, const variables& set, const std::string& url = "https://api.test")
{
    const auto look_up = [&](const char* name) -> const char* {
        const auto found = set.find(name);
        return found == set.end() ? nullptr : found->second.c_str();
    };
    try {
        const auto made = api::proxy_of(how, api::parse_api_url(url), look_up);
        return made ? made->through.where.text() : "none";
    } catch (const failure& why) {
        CHECK(why == condition::invalid);
        for (const auto& text : {why.message(), why.record().detail, why.record().remedy})
            CHECK(text.find("secret") == std::string::npos);
        return "refused by " + why.record().operation;
    }
}

std::string chosen_by(const variables& set, const std::string& url = "https://api.test")
{
    return choice({"", true}, set, url);
}

}

TEST_CASE("of the environment only HTTPS_PROXY and NO_PROXY choose a proxy, and only where that is asked for")
{
    const variables both = {{"https_proxy", "http://low:1"}, {"HTTPS_PROXY", "http://high:2"}};
    const struct
    {
        variables set;
        std::string expected, url = "https://api.test";
    } cells[] = {
        {{}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}}, "high:2"},
        {{{"https_proxy", "http://low:1"}}, "low:1"},
        {both, "low:1"},
        {{{"https_proxy", ""}, {"HTTPS_PROXY", "http://high:2"}}, "high:2"},
        {{{"HTTPS_PROXY", ""}}, "none"},
        {{{"HTTPS_PROXY", "high"}}, "high:80"},
        {{{"HTTPS_PROXY", "high:3128/"}}, "high:3128"},
        {{{"HTTP_PROXY", "http://evil:1"}}, "none"},
        {{{"http_proxy", "http://evil:1"}}, "none"},
        {{{"HTTP_PROXY", "http://evil:1"}, {"REQUEST_METHOD", "GET"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"HTTP_PROXY", "http://evil:1"}, {"REQUEST_METHOD", "GET"}}, "high:2"},
        {{{"ALL_PROXY", "http://all:1"}, {"all_proxy", "http://all:1"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "api.test"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"no_proxy", "api.test"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", ".test"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "*"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "pi.test,other"}}, "high:2"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "api.test:443"}}, "none"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "api.test:444"}}, "high:2"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"no_proxy", "elsewhere"}, {"NO_PROXY", "api.test"}}, "high:2"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "127.0.0.0/8"}}, "none", "https://127.0.0.1"},
        {{{"HTTPS_PROXY", "http://high:2"}, {"NO_PROXY", "::1"}}, "none", "https://[::1]:8443"},
        {{{"HTTPS_PROXY", "http://high:2"}}, "high:2", "https://127.0.0.1"},
        {{{"HTTPS_PROXY", "http://high:2"}}, "none", "http://127.0.0.1"},
        {{{"HTTPS_PROXY", "https://high:2"}}, "refused by HTTPS_PROXY"},
        {{{"HTTPS_PROXY", "socks5://secret:secret@high:2"}}, "refused by HTTPS_PROXY"},
        {{{"HTTPS_PROXY", "socks5://high"}, {"NO_PROXY", "api.test"}}, "none"},
    };
    for (const auto& [set, expected, url] : cells) {
        std::string all;
        for (const auto& [name, value] : set) all += name + "=" + value + " ";
        CAPTURE(all);
        CAPTURE(url);
        CHECK(chosen_by(set, url) == expected);
        CHECK(choice({"", false}, set, url) == "none");
        if (url.starts_with("https")) CHECK(choice({"http://own:9", true}, set, url) == "own:9");
    }
    MESSAGE(std::size(cells) << " environments, each with the environment asked, not asked, and overruled");
}

TEST_CASE("a proxy's URL is taken or refused as a whole, and never shown")
{
    const auto chosen = [](const std::string& url) { return choice({url, false}, {}); };
    const std::map<std::string, std::string> good = {{"http://p", "p:80"}, {"p", "p:80"}, {"p:1", "p:1"},
        {"http://p:3128/", "p:3128"}, {"http://u:secret@p:1", "p:1"}, {"u:secret@p:1", "p:1"}, {"HTTP://p:1", "p:1"},
        {"http://u:sec@ret@p:1", "p:1"}, {"http://[::1]:3128", "[::1]:3128"}, {"http://u:secret@[::1]", "[::1]:80"},
        {"http://127.0.0.1:65535", "127.0.0.1:65535"}};
    for (const auto& [url, expected] : good) {
        CAPTURE(url);
        CHECK(chosen(url) == expected);
    }
    unsigned refused = 0;
    for (const char* url : {"http://", "http:///", "http://:1", "http://u:secret@", "http://u:secret@:1",
             "http://u:secret@p:0", "http://u:secret@p:65536", "http://u:secret@p:", "http://u:secret@p:x",
             "http://u:secret@p:1/secret", "http://u:secret@p/path", "http://u:secret@p:1?q=secret",
             "http://u:secret@p q", "http://u:secret@p\r\nX: y", "http://u:secret@p\x80", "http://u:secret%@p",
             "http://u:secret%4@p", "http://u:secret%4x@p", "http://u:secret%x4@p", "https://u:secret@p",
             "socks5://u:secret@p", "ftp://secret@p", "http://u:secret@[::1", "http://u:secret@[::1]x",
             "http://u:secret@[]:1", "http://u:secret@a]b", "http://u:secret@p#secret"}) {
        CAPTURE(std::string(url));
        CHECK(chosen(url) == "refused by proxy.url");
        ++refused;
    }
    MESSAGE(good.size() << " URLs taken, " << refused << " refused, passwords shown 0");
}

TEST_CASE("of what a proxy is shown the password and the value of Basic are secret, the user's name is not")
{
    const auto secrets_with = [](const std::string& user_info) {
        const proxy_settings how{"http://" + user_info + "proxy.test:3128", false};
        const auto made =
            api::proxy_of(how, api::parse_api_url("https://api.test"), [](const char*) { return nullptr; });
        std::vector<std::string> revealed;
        for (const auto& each : made->secrets) revealed.emplace_back(each.reveal());
        return revealed;
    };
    using texts = std::vector<std::string>;
    CHECK(secrets_with("") == texts{});
    CHECK(secrets_with("kubernetes-ci@") == texts{});
    CHECK(secrets_with("kubernetes-ci:@") == texts{});
    CHECK(secrets_with("me:nyc1@") == texts{"nyc1", "bWU6bnljMQ=="});
    CHECK(secrets_with("us%65r:p%40ss%3aw%2Frd-canary@") == texts{"p@ss:w/rd-canary", "dXNlcjpwQHNzOncvcmQtY2FuYXJ5"});
}

}
