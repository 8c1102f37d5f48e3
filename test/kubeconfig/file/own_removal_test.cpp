#include "kubeconfig/file/files.hpp"

#include <doctest/doctest.h>

// And for removals, where a word may mean several things. Where it does, nothing is removed and all meanings are
// listed.

// Words that fit several contexts, of which not all are those of doks.

using doks::kubeconfig_file;
using strings = std::vector<std::string>;

namespace {

const std::string url = "https://" + uuid(1) + ".k8s.ondigitalocean.com";

}

// Guessing would remove the wrong cluster's entry.
TEST_CASE("a word that is another provider's context and a cluster of ours removes neither, and both are named")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const std::string foreign = "clusters:\n- {name: eks, cluster: {server: \"https://me:pass@eks.example.test\"}}\n"
                                "contexts:\n- {name: n1, context: {cluster: eks, user: eks}}\nusers:\n- {name: eks, "
                                "user: {token: foreign-token}}\n";
    write(root / "config", foreign);
    file.merge(config_number(1), undisturbed());
    const auto before = content(root / "config");
    const auto why = failure_of([&] { file.remove("n1"); });
    CHECK(why == doks::errc::ambiguous_name);
    const auto place = " in " + (root / "config").string();
    CHECK(why.detail().find("the context `n1` of https://...@eks.example.test" + place + ", the context `" +
                            name_of(1) + "` of " + url + place) != std::string::npos);
    CHECK(why.record().remedy.find("kubectl config delete-context") != std::string::npos);
    CHECK(content(root / "config") == before);
    CHECK(file.remove(name_of(1)).removed == strings{name_of(1)});
    CHECK(content(root / "config") == foreign);
    const auto outcome = file.remove("n1");
    CHECK(outcome.removed == strings{"n1"});
    CHECK(outcome.kept_users == strings{"eks"});
    CHECK(content(root / "config").find("foreign-token") != std::string::npos);
}

// Each way to name an entry may collide with each other one.
TEST_CASE("an alias of ours that is another cluster's name, and a context called like an id, are ambiguous too")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    auto options = undisturbed();
    options.alias = "n2";
    file.merge(config_number(1), options);
    CHECK(file.remove("n2").removed == strings{"n2"});
    file.merge(config_number(1), options);
    file.merge(config_number(2), undisturbed());
    CHECK(failure_of([&] { file.remove("n2"); }) == doks::errc::ambiguous_name);
    options.alias = uuid(2);
    file.merge(config_number(1), options);
    CHECK(failure_of([&] { file.remove(uuid(2)); }) == doks::errc::ambiguous_name);
    CHECK(file.remove(name_of(2)).removed == strings{name_of(2)});
    CHECK(file.remove(uuid(2)).removed == strings{uuid(2)});
}

// kubectl uses the first, and the user may mean the second.
TEST_CASE("a context that two files have for different servers is not removed, and the files are named")
{
    const scratch root;
    write(root / "a", texts::config("web", uuid(1)));
    write(root / "b", texts::config("web", uuid(2)));
    kubeconfig_file file(std::vector<std::filesystem::path>{root / "a", root / "b"});
    const auto why = failure_of([&] { file.remove("web"); });
    CHECK(why == doks::errc::ambiguous_name);
    CHECK(why.detail().find((root / "a").string()) != std::string::npos);
    CHECK(why.detail().find((root / "b").string()) != std::string::npos);
    CHECK(why.record().remedy.find("name the file") != std::string::npos);
    CHECK(kubeconfig_file(root / "b").remove("web").removed == strings{"web"});
}

// The context was renamed when it was merged, and the user may not have noticed.
TEST_CASE("the name of ours that another provider's context has removes neither, and both are named")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    for (const std::string alias : {"", "prod"}) {
        CAPTURE(alias);
        const auto name = alias.empty() ? name_of(1) : alias;
        const auto foreign =
            "clusters:\n- {name: eks, cluster: {server: \"https://eks.example.test\"}}\ncontexts:\n- {name: " + name +
            ", context: {cluster: eks, user: eks}}\nusers:\n- {name: eks, user: {username: u, "
            "password: foreign}}\n";
        write(root / "config", foreign);
        auto options = undisturbed();
        options.alias = alias;
        const auto ours = file.merge(config_number(1), options).entries.front().context;
        REQUIRE(ours != name);
        const auto before = content(root / "config");
        const auto why = failure_of([&] { file.remove(name); });
        CHECK(why == doks::errc::ambiguous_name);
        CHECK(why.detail().find("`" + name + "` of https://eks.example.test") != std::string::npos);
        CHECK(why.detail().find("`" + ours + "` of " + url) != std::string::npos);
        CHECK(content(root / "config") == before);
        CHECK(file.remove(ours).removed == strings{ours});
        CHECK(content(root / "config") == foreign);
        CHECK(file.remove(name).removed == strings{name});
    }
}

// The context's own name is always unambiguous.
TEST_CASE("of two clusters of ours with the same name each is removed by the name of its context")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    auto options = undisturbed();
    options.alias = "prod";
    file.merge(config_number(1), options);
    const auto second = file.merge(config_number(2), options).entries.front().context;
    REQUIRE(second != "prod");
    CHECK(file.remove("prod").removed == strings{"prod"});
    CHECK(file.remove(second).removed == strings{second});
}
