#include "kubeconfig/file/files.hpp"

#include <doctest/doctest.h>

// Entries of the user's own beside those of doks: what `merge` and `remove` make of them.

using doks::kubeconfig_file;
using doks::merge_change;
using strings = std::vector<std::string>;

namespace {

const std::string url = "https://" + uuid(1) + ".k8s.ondigitalocean.com";
const std::string jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrOHMifQ.c2ln";

/// A file with the user's own context of cluster 1, by a service account.
std::string own_file(const std::string& context, const std::string& settings = {}, const std::string& credential = jwt)
{
    return "# mine\nclusters:\n- name: staging\n  cluster:\n    server: " + url + "\n" + settings +
           "contexts:\n- name: " + context +
           "\n  context: {cluster: staging, user: viewer, namespace: team}\ncurrent-context: " + context +
           "\nusers:\n- name: viewer\n  user: {token: " + credential + "} # hands off\n";
}

doks::merged_kubeconfig merged(kubeconfig_file& file, const doks::kubeconfig& config, doks::merge_options options)
{
    return file.merge(config, options).entries.front();
}

std::string user_of(const kubeconfig_file& file, const std::string& context)
{
    for (const auto& entry : file.entries())
        if (entry.context == context) return entry.user;
    return {};
}

}

// Renewing it would replace, for example, a service account's token by a personal one.
TEST_CASE(
    "where the only context of a cluster is the user's own, another one is added, and a removal gives back the bytes")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const auto plugin = sample::changed(texts::config(name_of(1), uuid(1)), "    token: abc-def\n",
        "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - credential\n      - " +
            uuid(1) + "\n      command: /usr/bin/doks\n");
    for (const auto& text : {own_file("readonly"), own_file("readonly", {}, "own-token"), own_file("do-nyc1-blue"),
             own_file("readonly", "    insecure-skip-tls-verify: true\n")})
        for (const auto& config : {config_number(1), doks::kubeconfig(plugin)})
            for (const auto policy : {doks::name_collision::rename, doks::name_collision::refuse})
                for (const std::string alias : {"", "mine"}) {
                    write(root / "config", text);
                    auto options = undisturbed();
                    options.on_collision = policy;
                    options.alias = alias;
                    const auto outcome = merged(file, config, options);
                    CHECK(outcome.change == merge_change::added);
                    CHECK_FALSE(outcome.renamed);
                    CHECK(outcome.context == (alias.empty() ? name_of(1) : alias));
                    CHECK(outcome.cluster == name_of(1));
                    CHECK(file.entries().size() == 2);
                    CHECK(merged(file, config, options).change == merge_change::unchanged);
                    CHECK(file.remove(uuid(1)).kept_contexts.size() == 1);
                    CHECK(content(root / "config") == text);
                }
}

// Another certificate authority would have their credentials sent to another server.
TEST_CASE("a cluster of the API's name that only the user's contexts use keeps its certificate authority")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    for (const std::string settings : {"", "    certificate-authority-data: b3RoZXI=\n"}) {
        auto text = own_file("mine", settings);
        for (auto at = text.find("staging"); at != std::string::npos; at = text.find("staging"))
            text.replace(at, std::string("staging").size(), name_of(1));
        write(root / "config", text);
        auto options = undisturbed();
        const auto outcome = merged(file, config_number(1), options);
        CHECK(outcome.change == merge_change::added);
        CHECK(outcome.cluster != name_of(1));
        CHECK(content(root / "config").find(text.substr(0, text.find("contexts:"))) == 0);
        file.remove(uuid(1));
        CHECK(content(root / "config") == text);
    }
}

// The user has made it their own by that.
TEST_CASE("a context of ours whose user was exchanged is the user's own, and its name is taken")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    auto text = content(root / "config");
    text = sample::changed(text, "user: " + name_of(1) + "-admin", "user: viewer");
    text += "- name: viewer\n  user:\n    token: " + jwt + "\n";
    write(root / "config", text);
    auto refusing = undisturbed();
    refusing.on_collision = doks::name_collision::refuse;
    const auto why = failure_of([&] { file.merge(config_number(1, "newer"), refusing); });
    CHECK(why == doks::errc::name_taken);
    CHECK(why.detail().find("is the user's own: doks did not write it") != std::string::npos);
    const auto outcome = merged(file, config_number(1, "newer"), undisturbed());
    CHECK(outcome.renamed);
    CHECK(outcome.context == name_of(1) + "-00000000");
    CHECK(user_of(file, name_of(1)) == "viewer");
    CHECK(user_of(file, outcome.context) == name_of(1) + "-admin");
    CHECK(content(root / "config").find(jwt) != std::string::npos);
    CHECK(merged(file, config_number(1, "newest"), undisturbed()).context == outcome.context);
}

// A name alone says nothing about who wrote a credential.
TEST_CASE("a credential of the user's own under the name of ours stays under it")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    for (const std::string& credential : {"{token: " + jwt + "}", std::string("{tokenFile: /run/token}"),
             std::string("{exec: {command: kubelogin, args: [get-token]}}"), std::string("{username: me, password: p}"),
             std::string("{auth-provider: {name: oidc}}")}) {
        CAPTURE(credential);
        file.remove(uuid(1));
        const auto text = "clusters:\n- {name: c, cluster: {server: \"" + url +
                          "\"}}\ncontexts:\n- {name: " + name_of(1) + ", context: {cluster: c, user: " + name_of(1) +
                          "-admin}}\nusers:\n- {name: " + name_of(1) + "-admin, user: " + credential + "}\n";
        write(root / "config", text);
        const auto outcome = merged(file, config_number(1), undisturbed());
        CHECK(outcome.change == merge_change::added);
        CHECK(outcome.context == name_of(1) + "-00000000");
        CHECK(outcome.user == name_of(1) + "-admin-00000000");
        CHECK(content(root / "config").find(credential) != std::string::npos);
        file.remove(outcome.context);
        CHECK(content(root / "config") == text);
    }
}

// Whatever the user called it.
TEST_CASE("of several contexts of a cluster the one of ours is renewed, whatever the others are called")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    write(root / "config", own_file("readonly"));
    file.merge(config_number(1), undisturbed());
    const auto outcome = merged(file, config_number(1, "newer"), undisturbed());
    CHECK(outcome.change == merge_change::updated);
    CHECK(outcome.context == name_of(1));
    CHECK(content(root / "config").find("token: newer\n") != std::string::npos);
    CHECK(content(root / "config").find(jwt) != std::string::npos);
}

// `doctl` and earlier versions wrote such entries; only the API mints these tokens.
TEST_CASE("a DigitalOcean token under names of the user's is renewed in place, by one that can be told under them")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const auto text = own_file("mine", {}, "dop_v1_" + std::string(64, 'f'));
    write(root / "config", text);
    const std::string newer(64, 'a');
    const auto outcome = merged(file, config_number(1, newer), undisturbed());
    CHECK(outcome.change == merge_change::updated);
    CHECK(outcome.context == "mine");
    CHECK(outcome.user == "viewer");
    CHECK(outcome.cluster == "staging");
    CHECK(content(root / "config").find("{token: \"" + newer + "\"} # hands off") != std::string::npos);
    write(root / "config", text);
    CHECK(merged(file, config_number(1, "opaque"), undisturbed()).change == merge_change::added);
    CHECK(merged(file, config_number(1, "newer"), undisturbed()).context == name_of(1));
    CHECK(file.remove(name_of(1)).removed.size() == 1);
    CHECK(content(root / "config") == text);
}

// `doctl kubernetes cluster kubeconfig save` wrote it for the same cluster.
TEST_CASE("doctl's entry under the API's name is taken over, and one that the user changed is not")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const auto text = [](const std::string& option) {
        return sample::changed(texts::config(name_of(1), uuid(1)), "    token: abc-def\n",
            "    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - kubernetes\n"
            "      - cluster\n      - kubeconfig\n      - exec-credential\n      - " +
                option + "\n      - " + uuid(1) + "\n      command: doctl\n");
    };
    write(root / "config", text("--context=default"));
    CHECK(merged(file, config_number(1), undisturbed()).change == merge_change::updated);
    CHECK(file.entries().size() == 1);
    write(root / "config", text("--access-token=secret"));
    CHECK(merged(file, config_number(1), undisturbed()).change == merge_change::added);
    CHECK(content(root / "config").find("--access-token=secret") != std::string::npos);
}

// A proxy or another server name is how they reach the cluster.
TEST_CASE("settings of the user's for a cluster of ours stay, and its credential is renewed")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    for (const std::string setting : {"proxy-url: http://proxy.example.com", "tls-server-name: own.example.com",
             "insecure-skip-tls-verify: true", "certificate-authority: /etc/own.pem"}) {
        auto text = texts::config(name_of(1), uuid(1));
        const auto begin = text.find("certificate-authority-data:");
        text.replace(begin, text.find('\n', begin) - begin, setting);
        write(root / "config", text);
        const auto outcome = merged(file, config_number(1, "newer"), undisturbed());
        CHECK(outcome.change == merge_change::updated);
        CHECK(content(root / "config") == sample::changed(text, "abc-def", "newer"));
    }
}

// A dangling reference would be filled with a credential that the user did not put there.
TEST_CASE("a name that a context of the user's waits for gets no cluster and no user")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const std::string waiting = "contexts:\n- {name: mine, context: {cluster: " + name_of(1) +
                                ", user: viewer}}\nusers:\n- {name: viewer, user: {token: " + jwt + "}}\n";
    write(root / "config", waiting);
    const auto outcome = merged(file, config_number(1), undisturbed());
    CHECK(outcome.context == name_of(1));
    CHECK(outcome.cluster == name_of(1) + "-00000000");
    CHECK(file.entries().front().server.empty());
}

TEST_CASE("a context of ours whose cluster or user another program took out is completed")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    const auto whole = content(root / "config");
    const auto without = [&](const std::string& list, const std::string& next) {
        const auto begin = whole.find(list + ":");
        return sample::changed(whole, whole.substr(begin, whole.find(next + ":") - begin), list + ": null\n");
    };
    for (const auto& text :
        {without("clusters", "contexts"), whole.substr(0, whole.find("users:")) + "users: null\n"}) {
        write(root / "config", text);
        const auto outcome = merged(file, config_number(1), undisturbed());
        CHECK(outcome.change == merge_change::updated);
        CHECK(outcome.context == name_of(1));
        REQUIRE(file.entries().size() == 1);
        CHECK(file.entries().front().cluster_id == uuid(1));
        CHECK(file.entries().front().kind == doks::credential_kind::token);
    }
}

// Each file is judged for itself, though kubectl reads them as one.
TEST_CASE("of a list of files the user's own in one stays, and ours in another is renewed there")
{
    const scratch root;
    write(root / "own", own_file("readonly"));
    kubeconfig_file(root / "ours").merge(config_number(1), undisturbed());
    kubeconfig_file file(std::vector<std::filesystem::path>{root / "own", root / "ours"});
    CHECK(file.merge(config_number(1, "newer"), undisturbed()).written ==
          std::vector<std::filesystem::path>{root / "ours"});
    CHECK(content(root / "own") == own_file("readonly"));
    const auto outcome = file.remove(uuid(1));
    CHECK(outcome.removed == strings{name_of(1)});
    CHECK(outcome.kept_contexts == strings{"readonly"});
    CHECK(content(root / "own") == own_file("readonly"));
}

// Its credential works at several servers, so the API did not mint it.
TEST_CASE("a user that contexts of other servers share is left alone, and so are its contexts")
{
    const scratch root;
    for (const std::string& credential : {std::string("mine"), std::string(64, 'e')}) {
        const std::string shared = "clusters:\n- {name: a, cluster: {server: \"" + url +
                                   "\"}}\n- {name: b, cluster: {server: \"https://b\"}}\ncontexts:\n"
                                   "- {name: a, context: {cluster: a, user: u}}\n- {name: b, context: {cluster: b, "
                                   "user: u}}\nusers:\n- {name: u, user: {token: " +
                                   credential + "}}\n";
        write(root / "config", shared);
        kubeconfig_file file(root / "config");
        const auto outcome = merged(file, config_number(1), undisturbed());
        CHECK(outcome.context == name_of(1));
        CHECK(outcome.user == name_of(1) + "-admin");
        CHECK(file.remove(uuid(1)).kept_contexts == strings{"a"});
        CHECK(content(root / "config") == shared);
        CHECK(file.remove("a").removed == strings{"a"});
        CHECK(user_of(file, "b") == "u");
        CHECK(content(root / "config").find("token: " + credential) != std::string::npos);
    }
}

TEST_CASE("the blank lines that belong to a text stay with it, and an entry goes behind them")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    for (const std::string mark : {"|+", "|2+", "|+2", "|"})
        for (const std::string line_end : {"\n", "\r\n"})
            for (const std::string more : {"", "\n", "\n\n", "\n  \n", "\n\n# end\n"}) {
                CAPTURE(mark + more);
                auto text = "users:\n- name: me\n  user:\n    token: " + mark + "\n      x\n" + more;
                for (auto at = text.find('\n'); at != text.npos; at = text.find('\n', at + line_end.size()))
                    text.replace(at, 1, line_end);
                write(root / "config", text);
                CHECK(merged(file, config_number(1), undisturbed()).change == merge_change::added);
                if (mark != "|") CHECK(content(root / "config").starts_with(text.substr(0, text.find("# end"))));
                file.remove(name_of(1));
                CHECK(content(root / "config").starts_with(text));
            }
}
