#include "api/simulator_fixture.hpp"
#include "support/kubectl.hpp"

#include <doks/render.hpp>

// kubectl reads what doks renders, and the cluster takes its credential.

namespace doks::test {

namespace {

constexpr call_options exactly{.expiry = 1h, .expiry_is = expiry_precision::exact};

/// What kubectl says to a JSONPath over its configuration.
std::string seen_by(const kubectl& call, const std::string& path)
{
    return call("config view --raw -o 'jsonpath={" + path + "}'").output;
}

}

TEST_CASE("kubectl reaches the cluster with a kubeconfig of exact expiry, by token and by certificate")
{
    require_kubectl();
    simulator_fixture fixture;
    const auto old = fixture.api.set_cluster({.name = "old", .form = sim::credential_form::certificate});
    for (const auto& id : {fixture.first(), old}) {
        const auto config = fixture.run(fixture.client().kubeconfig(id, exactly));
        const kubectl call(config.bytes());
        CHECK(contains(call("get namespaces"), "kube-system"));
        CHECK(contains(call("auth can-i delete configmaps"), "yes"));
        CHECK(contains(call("config current-context"), config.current().context));
    }
}

TEST_CASE("kubectl reads hostile names and tokens back as they are")
{
    require_kubectl();
    simulator_fixture fixture;
    auto from = fixture.run(fixture.client().credentials(fixture.first()));
    auto of = fixture.run(fixture.client().cluster(fixture.first()));
    for (const std::string odd : {"a: b", "a #b", "\"", "it's", "\\", "\\n", " a ", "{}", "%a", "true", "gr\xc3\xbcn",
             "\xf0\x9f\x90\xb3", "a\"b'c\\d: e # f"}) {
        of.name = odd;
        const kubectl call(render(from, of).bytes());
        const auto name = "do-" + of.region + "-" + odd;
        CHECK(call("config current-context").output == name + "\n");
        CHECK(seen_by(call, ".users[0].name") == name + "-admin");
        CHECK(contains(call("get namespaces"), "kube-system"));
    }
    for (const std::string token :
        {"123456", "0x1F", "1e3", "true", "no", "y", "~", "---", ".inf", "=", "a:b", "#", "\"", "''", "\\n", "{a}",
            "[a]", "%a", "&a", "*a", "!a", "|", "<<", "2020-01-01", "12:30:45", "a\"b'c\\d:e#f"}) {
        from.token = secret(token);
        CHECK(seen_by(kubectl(render(from, of).bytes()), ".users[0].user.token") == token);
    }
}

}
