#include "fuzz/config_round_trip.hpp"

#include "fuzz/other_yaml.hpp"
#include "kubeconfig/file/random/random_document.hpp"

#include "kubeconfig/file/kubeconfig_set.hpp"
#include "kubeconfig/file/merger.hpp"
#include "kubeconfig/file/remover.hpp"
#include "kubeconfig/read/server_key.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "support/text.hpp"

#include "yaml/encoding.hpp"
#include <doks/audit.hpp>
#include <doks/kubeconfig_file.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

// Writes kubeconfigs of odd forms from choices, edits them, and holds the result against libyaml.

namespace doks::test {

using kube::entry_list;
using kube::kubeconfig_document;
using kube::kubeconfig_set;

namespace {

using doks::test::lines_of;

constexpr std::size_t longest = 4096;

constexpr std::string_view context = "do-ams3-zq", user = "do-ams3-zq-admin";
constexpr std::string_view server = "https://11111111-2222-4333-8444-555555555555.k8s.ondigitalocean.com";

/// The kubeconfig that is merged.
const std::string& arriving()
{
    static const std::string text =
        "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: " + std::string(server) +
        "\n  name: do-ams3-zq\ncontexts:\n- context:\n    cluster: do-ams3-zq\n    user: "
        "do-ams3-zq-admin\n  name: do-ams3-zq\ncurrent-context: do-ams3-zq\nusers:\n- name: "
        "do-ams3-zq-admin\n  user:\n    token: '0123e4'\n";
    return text;
}

std::optional<kubeconfig_set> set_of(std::string_view text)
{
    auto read = kubeconfig_document::read(secret_bytes(text.begin(), text.end()));
    if (!read) return std::nullopt;
    std::vector<kubeconfig_document> files;
    files.push_back(std::move(*read));
    return kubeconfig_set(std::move(files), 0);
}

std::optional<std::string> text_of(const kubeconfig_set& set)
{
    const auto text = set.file(0).text();
    if (!text) return std::nullopt;
    return std::string(text->begin(), text->end());
}

/// No entry has or refers to these names, so that a merge only adds.
bool is_stranger(const kubeconfig_set& set)
{
    return !set.find(entry_list::clusters, context) && !set.find(entry_list::contexts, context) &&
           !set.find(entry_list::users, user) && set.clusters_at(kube::server_key(server)).empty() &&
           set.contexts_of_cluster(context).empty() && set.contexts_of_user(user).empty() &&
           set.current_context() != context;
}

/// A kubeconfig in kubectl's form takes its place for good.
bool says_nothing(std::string_view text)
{
    const auto utf8 = yaml::to_utf8({text.begin(), text.end()});
    if (!utf8) return false;
    const auto document = yaml::document::parse({utf8->data(), utf8->size()});
    return document && document->root().is_null();
}

/** Forms of an empty list that are not known any more once it was filled.

    In brackets a list that was not there: no comment can say so. And a `null` on a line of its own.
*/
bool forgets_form(std::string_view before)
{
    const auto text = std::string(before) + '\n';
    const auto document = yaml::document::parse(text);
    if (!document) return false;
    return std::any_of(kube::all_lists.begin(), kube::all_lists.end(), [&](entry_list list) {
        const auto* found = document->root().find(kube::key_of(list));
        if (found == nullptr) return document->root().flow;
        if (found->begin == yaml::node::nowhere) return false;
        return std::string_view(text).substr(found->key_end, found->begin - found->key_end).find('\n') != text.npos;
    });
}

/// The lines of the one that do not stand in the other, in order.
std::vector<std::string_view> lines_missing(std::string_view part, std::string_view whole)
{
    const auto all = lines_of(whole);
    auto at = all.begin();
    std::vector<std::string_view> missing;
    for (const auto line : lines_of(part)) {
        const auto found = std::find(at, all.end(), line);
        if (found == all.end())
            missing.push_back(line);
        else
            at = found + 1;
    }
    return missing;
}

/// Those that say something; `indented` becomes true where a comment is indented.
std::vector<std::string_view> without_comments(std::string_view text, bool& indented)
{
    auto lines = lines_of(text);
    std::erase_if(lines, [&](std::string_view line) {
        const auto first = line.find_first_not_of(" \t");
        const bool is_comment = first != line.npos && line[first] == '#';
        indented = indented || (is_comment && first > 0);
        return is_comment || first == line.npos;
    });
    return lines;
}

/** As it was, but for two things that cannot be known.

    An indented comment goes with the entry that it stands behind, and so do comments and blank lines between the two.
*/
bool is_restored(std::string_view less, std::string_view before)
{
    if (less == before || forgets_form(before)) return true;
    bool indented = false;
    return without_comments(less, indented) == without_comments(before, indented) && indented &&
           lines_missing(less, before).empty();
}

std::string merged_into(kubeconfig_set& set, std::optional<merged_kubeconfig>& entry)
{
    kube::merger to(set, name_collision::rename);
    auto outcome = to.merge(kubeconfig(arriving()), {});
    if (!outcome) return {};
    entry = std::move(*outcome);
    return text_of(set).value_or("");
}

}

std::string config_round_trip::raw_text()
{
    std::string text;
    while (!from_.spent() && text.size() < longest) text += static_cast<char>(from_.below(256));
    return text;
}

std::string config_round_trip::changed_text()
{
    constexpr std::string_view pieces[] = {"\n", "\r\n", "  ", "\t", ": ", "- ", "? ", "# x", "[", "]", "{", "}", ",",
        "'", "\"", "|", ">", "|-\n", "&a ", "*a", "!t ", "---\n", "...\n", "%", "~", "null", "\\", "\xC3\xA9",
        "\xE2\x80\xA8", "\xEF\xBB\xBF", "clusters:", "contexts:\n", "users: []\n", "name: do-ams3-zq",
        "user: do-ams3-zq-admin", "cluster: do-ams3-zq\n", "current-context: ", "kind: Config\n", "<<: ", "# was []",
        " # was nothing", " # was absent",
        "server: https://11111111-2222-4333-8444-555555555555.k8s.ondigitalocean.com"};
    std::string text = random_document(static_cast<unsigned>(from_.below(65536))).text();
    for (std::size_t count = from_.below(8); count != 0; --count) {
        const std::size_t at = from_.below(text.size() + 1);
        switch (from_.below(5)) {
        case 0:
            text.insert(at, pieces[from_.below(std::size(pieces))]);
            break;
        case 1:
            text.erase(at, 1 + from_.below(16));
            break;
        case 2:
            if (at < text.size()) text[at] = static_cast<char>(from_.below(128));
            break;
        case 3:
            text.insert(at, text.substr(from_.below(text.size() + 1), from_.below(64)));
            break;
        default:
            text.insert(std::min(text.find('\n', at), text.size()), pieces[from_.below(std::size(pieces))]);
        }
    }
    return text;
}

std::string config_round_trip::compare()
{
    const auto document =
        yaml::document::parse(text_, {.bytes = kube::largest_kubeconfig_file, .values = kube::most_values_of_file});
    if (!document) return kube::is_printable(document.error().reason) ? "" : "an unprintable reason";
    ++counts_.accepted;
    std::string why;
    const auto other = read_otherwise(text_, document->root(), why);
    counts_.compared += other == other_reading::same ? 1 : 0;
    return other == other_reading::different ? "libyaml reads " + why : "";
}

std::string config_round_trip::edit()
{
    auto set = set_of(text_);
    if (!set) return {};
    const bool adds = is_stranger(*set) && !says_nothing(text_);
    std::optional<merged_kubeconfig> entry;
    const auto with = merged_into(*set, entry);
    if (!entry) return "a sound kubeconfig was refused";
    if (with.empty()) return {}; // a form in which it cannot be changed
    ++counts_.edited;
    auto again = set_of(with);
    if (!again) return "what was merged into cannot be read: " + with;
    std::optional<merged_kubeconfig> twice;
    if (merged_into(*again, twice) != with) return "merging twice is not merging once: " + with;
    if (!adds) return {};
    const std::size_t lists = forgets_form(text_) ? 6 : 3; // the line of its key, and that of its `null`
    if (lines_missing(text_, with).size() > lists) return "more lines were changed than have to be: " + with;
    remove_result gone;
    auto third = set_of(with);
    const std::vector<std::string> which{std::string(context)};
    if (kube::remove_from(*third, which, gone) || gone.removed != which) return "it cannot be taken out: " + with;
    const auto less = text_of(*third).value_or("");
    if (!is_restored(less, text_)) return "it is not what it was: " + less + "; was " + with;
    ++counts_.restored;
    return {};
}

/// An entry of the document's own: either it is gone then, or the document cannot be changed.
std::string config_round_trip::take_out_first()
{
    auto set = set_of(text_);
    if (!set || set->entries(entry_list::contexts).empty()) return {};
    const std::vector<std::string> which{
        std::string(set->name(entry_list::contexts, set->entries(entry_list::contexts)[0]))};
    remove_result gone;
    if (kube::remove_from(*set, which, gone)) return {};
    const auto less = text_of(*set);
    if (!less) return {};
    const auto left = set_of(*less);
    if (!left) return "what was taken from cannot be read: " + *less;
    return left->find(entry_list::contexts, which[0]) ? "the context is still there: " + *less : "";
}

std::string config_round_trip::run()
{
    text_ = from_.below(2) == 0 ? raw_text() : changed_text();
    for (const auto& each : audit(text_))
        if (!kube::is_printable(each.where) || !kube::is_printable(each.detail)) return "an unprintable finding";
    try {
        kubeconfig(text_).current();
        auto set = set_of("");
        if (!kube::merger(*set, name_collision::rename).merge(kubeconfig(text_), {}))
            return "it is read, and cannot be merged";
    } catch (const failure& why) {
        if (why.detail().empty() || !kube::is_printable(why.detail())) return "it is refused without a reason";
    }
    if (auto wrong = compare(); !wrong.empty()) return wrong;
    if (auto wrong = edit(); !wrong.empty()) return wrong;
    return take_out_first();
}

}
