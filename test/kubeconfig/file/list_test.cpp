#include "kubeconfig/file/files.hpp"

#include <doctest/doctest.h>

// KUBECONFIG as a list. The rules are client-go's, down to the file that gets a new entry.

using doks::kubeconfig_file;
using paths = std::vector<std::filesystem::path>;

// client-go's rules, with their odd cases.
TEST_CASE("KUBECONFIG is a list of which empty elements are passed over, and the default is in the home")
{
    CHECK(kubeconfig_file::from_list("", "/home/me").paths() == paths{"/home/me/.kube/config"});
    CHECK(kubeconfig_file::from_list("::", "/home/me").paths() == paths{"/home/me/.kube/config"});
    CHECK(kubeconfig_file::from_list("a::b:a:", "/home/me").paths() == paths{"a", "b"});
    CHECK(failure_of([] { kubeconfig_file::from_list("", ""); }) == doks::errc::unusable_kubeconfig_file);
    CHECK(failure_of([] { kubeconfig_file(paths{}); }) == doks::errc::invalid_argument);
}

// The same file that `kubectl config set-context` would choose.
TEST_CASE("a new entry goes to the first file that exists, or else to the last one")
{
    const scratch root;
    kubeconfig_file file(paths{root / "a", root / "b", root / "c"});
    CHECK(file.target() == root / "c");
    file.merge(config_number(1), undisturbed());
    CHECK(names_in(root / "") == std::vector<std::string>{"c"});
    write(root / "b", "kind: Config\n");
    CHECK(file.target() == root / "b");
    CHECK(file.merge(config_number(2), undisturbed()).written == paths{root / "b"});
    CHECK(kubeconfig_file(root / "b").entries().size() == 1);
}

// Adding it to the first file would hide the old one and never renew it.
TEST_CASE("a change goes to the file that holds the entry, whichever that is")
{
    const scratch root;
    write(root / "a", "kind: Config\n");
    kubeconfig_file(root / "b").merge(config_number(1), undisturbed());
    kubeconfig_file file(paths{root / "a", root / "b"});
    CHECK(file.merge(config_number(1, "newer"), undisturbed()).written == paths{root / "b"});
    CHECK(content(root / "a") == "kind: Config\n");
    CHECK(content(root / "b").find("newer") != std::string::npos);
    const doks::kubeconfig both[] = {config_number(1, "newest"), config_number(2)};
    CHECK(file.merge(both, undisturbed()).written == paths{root / "a", root / "b"});
    CHECK(contexts_in(file) == std::vector<std::string>{name_of(2), name_of(1)});
    const std::vector<std::string> words{name_of(1), name_of(2)};
    CHECK(file.remove(words).written == paths{root / "a", root / "b"});
    CHECK(content(root / "a") == "kind: Config\n");
}

// kubectl reads all files together, so that a name may be taken in any of them.
TEST_CASE("names that collide across files are renamed too, and the first file that holds a name counts")
{
    const scratch root;
    kubeconfig_file(root / "a").merge(config_named("web", 1, "first"), undisturbed());
    kubeconfig_file(root / "b").merge(config_named("web", 2, "second"), undisturbed());
    kubeconfig_file file(paths{root / "b", root / "a"});
    REQUIRE(file.entries().size() == 1);
    CHECK(file.entries().front().cluster_id == uuid(2));
    CHECK(file.merge(config_named("web", 3), undisturbed()).entries.front().context == "web-00000000");
}

// An entry of any of them may be about to change.
TEST_CASE("every file of a list that exists is locked, and a file of the list that is no kubeconfig is named")
{
    const scratch root;
    write(root / "a", "kind: Config\n");
    write(root / "b", "kind: Config\n");
    kubeconfig_file file(paths{root / "a", root / "b"});
    file.wait_for_lock(std::chrono::milliseconds(0));
    write(root / "b.lock", "");
    CHECK(failure_of([&] { file.merge(config_number(1), undisturbed()); }) == doks::errc::kubeconfig_locked);
    CHECK_FALSE(std::filesystem::exists(root / "a.lock"));
    std::filesystem::remove(root / "b.lock");
    write(root / "b", "kind: Pod\n");
    const auto why = failure_of([&] { file.merge(config_number(1), undisturbed()); });
    CHECK(why == doks::errc::not_a_kubeconfig);
    CHECK(why.detail() == (root / "b").string() + ": `kind` is not `Config`");
    CHECK(content(root / "a") == "kind: Config\n");
    CHECK(names_in(root / "") == std::vector<std::string>{"a", "b"});
}
