#include "kubeconfig/file/files.hpp"
#include "kubeconfig/file/random/random_document.hpp"
#include "support/kubectl.hpp"
#include "support/long_form.hpp"

#include <boost/json.hpp>

#include <doctest/doctest.h>

#include <algorithm>

// kubectl reads what was merged. It finds mistakes that our own parser would make in the same way twice.

namespace json = boost::json;

namespace {

/// What kubectl reads, its lists in the order of their names.
json::value view(const std::string& list)
{
    const auto ended = doks::test::run_shell("HOME=/nonexistent KUBECONFIG='" + list + "' '" +
                                             doks::test::kubectl_program() + "' config view --raw --flatten -o json");
    CHECK_MESSAGE(ended.status == 0, ended.output);
    auto all = json::parse(ended.output).as_object();
    for (const auto* key : {"clusters", "contexts", "users"})
        if (auto* entries = all[key].if_array())
            std::sort(entries->begin(), entries->end(), [](const json::value& a, const json::value& b) {
                return a.at("name").as_string() < b.at("name").as_string();
            });
    return all;
}

}

// `kubectl config view --flatten` merges the same files by its own rules.
TEST_CASE("kubectl reads from a merged file what it reads from the files by its own merge")
{
    if (!doks::test::has_kubectl()) return;
    const scratch root;
    const std::string texts[] = {texts::config("do-ams3-one", uuid(1)), sample::with_exec(uuid(2)),
        sample::with_certificate(sample::long_lived(), uuid(3))};
    for (const auto& text : texts) {
        write(root / "a", texts::config("do-sfo3-first", uuid(9)));
        write(root / "b", text);
        const auto theirs = view((root / "a").string() + ":" + (root / "b").string());
        doks::kubeconfig_file(root / "a").merge(doks::kubeconfig(text), undisturbed());
        CHECK(view(root / "a") == theirs);
    }
}

// What was there before the merge must mean the same to kubectl afterwards.
TEST_CASE("kubectl reads the same from every form of a kubeconfig, and our entries besides")
{
    if (!doks::test::has_kubectl()) return;
    const scratch root;
    const unsigned documents = doks::test::is_long() ? 400 : 20;
    for (unsigned seed = 0; seed < documents; ++seed) {
        random_document document(seed);
        const auto text = document.text();
        CAPTURE(text);
        if (texts::refusal_of(text).find("block of text") != std::string::npos) continue; // refused by name
        write(root / "a", text);
        write(root / "b", texts::config("do-ams3-one", uuid(1)));
        const auto theirs = view((root / "a").string() + ":" + (root / "b").string());
        auto options = undisturbed();
        if (json::value_to<std::string>(view(root / "a").at("current-context")).empty())
            options.current = doks::current_context::set_to_first;
        doks::kubeconfig_file(root / "a").merge(doks::kubeconfig(content(root / "b")), options);
        CHECK(view(root / "a") == theirs);
    }
}

// Both programs write the file in turn.
TEST_CASE("kubectl uses what was merged, and what kubectl wrote is merged into")
{
    if (!doks::test::has_kubectl()) return;
    const scratch root;
    const auto path = (root / "config").string();
    const auto kubectl = [&](const std::string& arguments) {
        return doks::test::run_shell(
            "HOME=/nonexistent '" + doks::test::kubectl_program() + "' --kubeconfig '" + path + "' " + arguments);
    };
    CHECK(kubectl("config set-cluster mine --server=https://mine.example.com").status == 0);
    const auto before = content(path);
    doks::kubeconfig_file file(path);
    file.merge(config_number(1), undisturbed());
    CHECK(kubectl("config get-contexts -o name").output == name_of(1) + "\n");
    CHECK(kubectl("config use-context " + name_of(1)).status == 0);
    CHECK(file.current() == name_of(1));
    CHECK(file.merge(config_number(1), undisturbed()).written.empty());
    file.remove(name_of(1));
    CHECK(content(path) == before);
}
