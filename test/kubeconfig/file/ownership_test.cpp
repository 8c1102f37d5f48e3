#include "kubeconfig/file/documents.hpp"
#include "kubeconfig/file/ownership.hpp"

#include <doctest/doctest.h>

// The rule itself: whose an entry is, by its form, its name and its server.

using doks::kube::credential_form;
using doks::kube::entry_list;

namespace {

constexpr std::string_view id = sample::id;
const std::string server = "https://" + std::string(id) + ".k8s.ondigitalocean.com";
const std::string hex(64, 'a');

/// A file with one user.
doks::kube::kubeconfig_set with_user(const std::string& body)
{
    return texts::set_of("users:\n- name: u\n  user: " + body + "\n");
}

const doks::yaml::draft* user_of(const doks::kube::kubeconfig_set& set)
{
    return set.body(entry_list::users, *set.find(entry_list::users, "u"));
}

/// A user's entry, and whether doks may change it under any name, and under the API's.
struct row
{
    std::string user;
    credential_form form;
    bool under_any_name; ///< ours
    bool under_our_name;
};

std::string exec(const std::string& command, const std::string& arguments, const std::string& more = {})
{
    return "{exec: {apiVersion: v1, command: " + command + ", args: [" + arguments + "]" + more + "}}";
}

const std::string doctl = "kubernetes, cluster, kubeconfig, exec-credential, --version=v1beta1, ";
const std::string own_id(id);
const std::string by_context = "credential, " + own_id + ", --context, work";
const std::string every_option =
    ", --expiry, 1h, --api-url, u, --context=-w, --token-file, /t, --ca-file, /c, --proxy, p, "
    "--timeout, 9s, --attempts, \"3\"";

std::string own_env(const std::string& file) { return ", env: [{name: DIGITALOCEAN_CONFIG, value: " + file + "}]"; }

const row rows[] = {
    {"{token: " + hex + "}", credential_form::digitalocean_token, true, true},
    {"{token: dop_v1_" + hex + "}", credential_form::digitalocean_token, true, true},
    {"{token: doo_v1_" + hex + "}", credential_form::digitalocean_token, true, true},
    {"{token: " + hex + ", as: viewer}", credential_form::digitalocean_token, true, true},
    {"{token: " + hex + ", tokenFile: \"\", exec: null}", credential_form::digitalocean_token, true, true},
    {exec("doks", "credential, " + own_id), credential_form::doks_plugin, true, true},
    {exec("/usr/bin/doks", "credential, " + own_id + ", --context, w"), credential_form::doks_plugin, true, true},
    {exec("doks", "credential, " + own_id, ", env: null"), credential_form::doks_plugin, true, true},
    {exec("/usr/bin/doks", by_context, own_env("/etc/doctl.yaml")), credential_form::doks_plugin, true, true},
    {exec("/usr/bin/kubectl-doks", by_context), credential_form::doks_plugin, true, true},
    {exec("/opt/bin/kubectl-doks", by_context, own_env("/a b/c.yaml")), credential_form::doks_plugin, true, true},
    {exec("/opt/doks-0.2/bin/doks-0.2", "credential, " + own_id + ", --expiry, 1h"), credential_form::doks_plugin, true,
        true},
    {exec("/usr/bin/my-doks", "credential, " + own_id + every_option), credential_form::doks_plugin, true, true},
    {exec("doctl", doctl + own_id), credential_form::doctl_plugin, false, true},
    {exec("/snap/bin/doctl", doctl + "--context=work, " + own_id), credential_form::doctl_plugin, false, true},
    {"{token: own-token}", credential_form::opaque_token, false, true},
    {"{token: dop_v1_short}", credential_form::opaque_token, false, true},
    {"{client-certificate-data: YQ, client-key-data: YQ}", credential_form::certificate, false, true},
    {"{}", credential_form::none, false, true},
    {"null", credential_form::none, false, true},
    {"{as: null, x-vendor-secret: \"\"}", credential_form::none, false, true},
    {"{token: own-token, as: viewer}", credential_form::opaque_token, false, true},
    {"{token: eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrOHMifQ.c2ln}", credential_form::issued_token, false, false},
    {"{token: eyAiYWxnIjogIlJTMjU2IiB9.eyJpc3MiOiJrdWJlIn0.c2ln}", credential_form::issued_token, false, false},
    {"{token: ewogICJhbGciOiAiUlMyNTYiCn0.eyJpc3MiOiJrdWJlIn0.c2ln}", credential_form::issued_token, false, false},
    {"{token: eyJhbGciOiJkaXIifQ.a.b.c.d}", credential_form::issued_token, false, false},
    {"{token: Bearer eyJhbGciOiJkaXIifQ.a.b}", credential_form::issued_token, false, false},
    {"{token: \"own\\n\"}", credential_form::issued_token, false, false},
    {"{token: \"kubeconfig-u-x:secret\"}", credential_form::issued_token, false, false},
    {"{token: sha256~secret}", credential_form::issued_token, false, false},
    {"{token: abcdef.0123456789abcdef}", credential_form::issued_token, false, false},
    {exec("aws", "eks, get-token"), credential_form::other_plugin, false, false},
    {exec("kubectl", "oidc-login, get-token"), credential_form::other_plugin, false, false},
    {exec("my-doks", "credential, " + own_id), credential_form::other_plugin, false, false},
    {exec("doks", "credential, " + std::string(sample::other_id)), credential_form::other_plugin, false, false},
    {exec("doks", "clusters"), credential_form::other_plugin, false, false},
    {exec("doks", "credential, " + own_id, ", env: [{name: DIGITALOCEAN_TOKEN, value: x}]"),
        credential_form::other_plugin, false, false},
    {exec("/usr/bin/doks", by_context, ", env: [{name: DIGITALOCEAN_CONFIG, value: /c}, {name: X, value: y}]"),
        credential_form::other_plugin, false, false},
    {exec("/usr/bin/doks", by_context, own_env("c.yaml")), credential_form::other_plugin, false, false},
    {exec("/usr/bin/doks", "credential, " + own_id, own_env("/c.yaml")), credential_form::other_plugin, false, false},
    {exec("kubectl-doks", by_context), credential_form::other_plugin, false, false},
    {exec("./kubectl-doks", by_context), credential_form::other_plugin, false, false},
    {exec("/opt/doks/bin/token-helper", by_context), credential_form::other_plugin, false, false},
    {exec("/usr/bin/my-doks", "credential, " + own_id + ", --vault, x"), credential_form::other_plugin, false, false},
    {exec("/usr/bin/my-doks", "credential, " + own_id + ", --context"), credential_form::other_plugin, false, false},
    {exec("/usr/bin/kubectl-doks", "credential, " + std::string(sample::other_id)), credential_form::other_plugin,
        false, false},
    {exec("doctl", doctl + "--access-token=x, " + own_id), credential_form::other_plugin, false, false},
    {exec("doctl", doctl + std::string(sample::other_id)), credential_form::other_plugin, false, false},
    {"{as: alice}", credential_form::other, false, false},
    {"{token: \"\", as: viewer}", credential_form::other, false, false},
    {"{extensions: [{name: own, extension: {secret: s}}]}", credential_form::other, false, false},
    {"{x-vendor-secret: s}", credential_form::other, false, false},
    {"{tokenFile: /run/token}", credential_form::other, false, false},
    {"{client-certificate: /c, client-key: /k}", credential_form::other, false, false},
    {"{client-certificate-data: YQ, client-key: /k}", credential_form::other, false, false},
    {"{username: me, password: p}", credential_form::other, false, false},
    {"{auth-provider: {name: oidc}}", credential_form::other, false, false},
    {"{token: " + hex + ", exec: {command: x}}", credential_form::other, false, false},
    {"{token: " + hex + ", username: me}", credential_form::other, false, false},
};

}

// The rule as a table: form, name, server, and whether doks may replace it.
TEST_CASE("whose a user's entry is, by what it holds and by its name")
{
    for (const auto& each : rows) {
        CAPTURE(each.user);
        const auto set = with_user(each.user);
        CHECK(doks::kube::form_of(user_of(set), server) == each.form);
        const doks::kube::user_entry arriving{"do-ams3-web-admin", nullptr, server};
        for (const auto* from : {static_cast<const doks::kube::user_entry*>(nullptr), &arriving}) {
            CHECK(doks::kube::is_ours({"viewer", user_of(set), server}, from) == each.under_any_name);
            CHECK(doks::kube::is_ours({"do-nyc1-blue-admin", user_of(set), server}, from) == each.under_our_name);
        }
    }
}

// There is nothing in it that could be the user's.
TEST_CASE("an entry that is not there is ours by its name alone")
{
    CHECK(doks::kube::is_ours({"do-nyc1-blue-admin", nullptr, server}));
    CHECK_FALSE(doks::kube::is_ours({"viewer", nullptr, server}));
}

// 64 hexadecimal digits are a token for others, too.
TEST_CASE("at a server of another provider a string of digits is no token of DigitalOcean's")
{
    const auto set = with_user("{token: " + hex + "}");
    CHECK_FALSE(doks::kube::is_ours({"viewer", user_of(set), "https://k.eks.example.com"}));
    CHECK(doks::kube::is_ours({"viewer", user_of(set), "https://127.0.0.1:80/clusters/" + own_id}));
}

// With the suffixes that a collision gives them.
TEST_CASE("the API's names, and those that they get where they are taken")
{
    for (std::string_view name : {"do-nyc1-blue-admin", "do-nyc1-blue-admin-0f1e2d3c", "do-nyc1-blue-admin-0f1e2d3c-2",
             "do-sfo3-a-admin-b-admin", "do-ams3-x-admin-admin"})
        CHECK_MESSAGE(doks::kube::is_api_user_name(name, server), name);
    for (std::string_view name : {"do-nyc1-blue", "do-prod-admin", "do-nyc1--admin", "do-nyc1-admin", "admin", "",
             "do-nyc1-blue-admin-2", "do-nyc1-blue-admin-ffffffff", "x-do-nyc1-blue-admin", "do-NYC1-blue-admin"})
        CHECK_MESSAGE(!doks::kube::is_api_user_name(name, server), name);
    CHECK(doks::kube::is_api_user_name("do-nyc1-blue-admin-2", "https://127.0.0.1:1"));
    CHECK(doks::kube::is_api_cluster_name("do-nyc1-blue"));
    CHECK_FALSE(doks::kube::is_api_cluster_name("do-prod-blue"));
    CHECK_FALSE(doks::kube::is_api_cluster_name("do-nyc1-"));
}

// An application may merge entries with its own plugin, and expects to renew them.
TEST_CASE("what a program of the caller's own writes is renewed by that program only")
{
    const auto held = with_user(exec("vault", "old"));
    const auto same = with_user(exec("vault", "new"));
    const auto other = with_user(exec("tsh", "new"));
    const auto arriving = [&](const auto& set) { return doks::kube::user_entry{"web-admin", user_of(set), server}; };
    const auto from_same = arriving(same);
    const auto from_other = arriving(other);
    CHECK(doks::kube::is_ours({"web-admin", user_of(held), server}, &from_same));
    CHECK(doks::kube::is_ours({"web-admin-0f1e2d3c", user_of(held), server}, &from_same));
    CHECK_FALSE(is_ours({"viewer", user_of(held), server}, &from_same));
    CHECK_FALSE(is_ours({"web-admin", user_of(held), server}, &from_other));
}

// Impersonation settings alone are the user's.
TEST_CASE("an entry without a credential is renewed by none, whatever keys both have")
{
    for (const std::string body : {"{as: alice}", "{x-vendor-secret: s}"}) {
        const auto held = with_user(body);
        const doks::kube::user_entry arriving{"web-admin", user_of(held), server};
        CHECK_FALSE(is_ours({"web-admin", user_of(held), server}, &arriving));
    }
}
