#include "core/rng.hpp"
#include "fuzz/config_round_trip.hpp"
#include "fuzz/random_choices.hpp"
#include "kubeconfig/file/documents.hpp"
#include "kubeconfig/file/files.hpp"
#include "support/kubectl.hpp"

#include <boost/json.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

// kubectl as the judge of what a kubeconfig says. The documents are random changes of every form, so that the list
// of what doks refuses is complete.

// Every file that kubectl reads is taken: kubectl itself is the oracle.

namespace json = boost::json;
using doks::kube::entry_list;
using doks::test::run_shell;

namespace {

/// What kubectl reads; nothing if it refuses the file.
std::optional<json::object> kubectl_view(const std::filesystem::path& file)
{
    const auto ended = run_shell("HOME=/nonexistent '" + doks::test::kubectl_program() + "' --kubeconfig '" +
                                 file.string() + "' config view --raw -o json");
    if (ended.status != 0) return std::nullopt;
    return json::parse(ended.output).as_object();
}

std::string text_at(const json::value& of, std::string_view key)
{
    const auto* object = of.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(key);
    return found == nullptr || !found->is_string() ? std::string() : json::value_to<std::string>(*found);
}

using names_and_values = std::multimap<std::string, std::string>;

names_and_values entries_of(const json::object& view, entry_list list, std::string_view key)
{
    names_and_values all;
    const auto* entries = view.if_contains(doks::kube::key_of(list));
    if (entries == nullptr || !entries->is_array()) return all;
    for (const auto& entry : entries->as_array()) {
        const auto* body = entry.as_object().if_contains(doks::kube::body_key_of(list));
        all.emplace(text_at(entry, "name"), body == nullptr ? "" : text_at(*body, key));
    }
    return all;
}

names_and_values entries_of(const doks::kube::kubeconfig_document& document, entry_list list, std::string_view key)
{
    names_and_values all;
    for (std::size_t number = 0; number < document.size(list); ++number)
        all.emplace(document.name(list, number), doks::kube::text_of(document.body(list, number), key));
    return all;
}

/// Nothing if both read the same.
std::string difference(const json::object& theirs, const doks::kube::kubeconfig_document& ours)
{
    const std::pair<entry_list, std::string_view> looked_at[] = {{entry_list::clusters, "server"},
        {entry_list::contexts, "cluster"}, {entry_list::contexts, "user"}, {entry_list::users, "token"}};
    for (const auto& [list, key] : looked_at)
        if (entries_of(theirs, list, key) != entries_of(ours, list, key))
            return std::string(doks::kube::key_of(list)).append(", ").append(key);
    return text_at(theirs, "current-context") == ours.current_context() ? "" : "current-context";
}

/// How many documents kubectl and the library took and refused.
struct tally
{
    unsigned read_by_kubectl = 0;
    unsigned taken = 0;
    std::map<std::string, unsigned> refused; ///< by the reason
};

/// Why a document is refused, and what the user can do.
constexpr std::string_view known_reasons[] = {"reads nothing from line", "tag", "merge key", "same key twice",
    "that of two entries", "block of text", "blank behind the colon"};

/// kubectl takes a text that begins with a brace for JSON, and passes over errors in it.
bool is_broken_json(std::string_view text, std::string_view reason)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != text.npos && text[first] == '{' && reason.starts_with("not YAML");
}

/// kubectl's view of the file against the library's reading of the text.
void compare(const std::string& text, const std::filesystem::path& file, tally& to)
{
    write(file, text);
    const auto theirs = kubectl_view(file);
    if (!theirs) return;
    ++to.read_by_kubectl;
    const auto ours = doks::kube::kubeconfig_document::read({text.begin(), text.end()});
    CAPTURE(text);
    if (!ours) {
        const auto& reason = ours.error().reason;
        const auto known = std::find_if(std::begin(known_reasons), std::end(known_reasons),
            [&](std::string_view each) { return reason.find(each) != reason.npos; });
        ++to.refused[known == std::end(known_reasons) ? reason : std::string(*known)];
        CHECK_MESSAGE((known != std::end(known_reasons) || is_broken_json(text, reason)), reason);
        return;
    }
    ++to.taken;
    CHECK(difference(*theirs, *ours) == "");
}

}

// kubectl itself is the oracle. What doks refuses has to be on a short list.
TEST_CASE("every file that kubectl reads is taken and reads the same, but for the forms that are refused by name")
{
    if (!doks::test::has_kubectl()) return;
    const scratch root;
    tally seen;
    const std::size_t documents = core_test::steps(150, 2'000);
    for (std::size_t seed = 0; seed < documents; ++seed) {
        doks::test::random_choices from(seed);
        compare(doks::test::config_round_trip(from).changed_text(), root / "config", seen);
    }
    std::string refused;
    for (const auto& [reason, count] : seen.refused) refused += "; " + std::to_string(count) + ": " + reason;
    MESSAGE(
        documents << " documents: kubectl reads " << seen.read_by_kubectl << ", doks takes " << seen.taken << refused);
    CHECK(seen.taken > documents / 10);
}
