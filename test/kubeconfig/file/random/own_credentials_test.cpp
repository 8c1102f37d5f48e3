#include "kubeconfig/file/random/arriving_config.hpp"
#include "kubeconfig/file/random/mixed_config.hpp"
#include "kubeconfig/file/random/other_reader.hpp"
#include "kubeconfig/scratch.hpp"
#include "support/kubectl.hpp"
#include "support/long_form.hpp"

#include <boost/json.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

// The promise that a user's own credential is never changed, by random documents. `DOKS_LONG` runs a hundred
// thousand.

// What the user put into the file stays, whatever is merged into it and whatever is taken out.

namespace {

using entries = std::map<std::string, std::string>;

/// The user's own entry is the same, by libyaml and byte for byte.
void check_stays(const made_entry& entry, const entries& before, const entries& after, const std::string& text)
{
    CAPTURE(entry.name);
    REQUIRE(after.contains(entry.name));
    CHECK(after.at(entry.name) == before.at(entry.name));
    CHECK(text.find(entry.text) != text.npos);
}

std::string shown(const strings& files)
{
    std::string all;
    for (const auto& text : files) all += "\n--- file\n" + text;
    return all;
}

using readings = std::vector<other_reading_of_config>;

readings read_all(const strings& files)
{
    readings all;
    for (const auto& text : files) all.push_back(read_by_libyaml(text));
    return all;
}

bool is_there(const readings& files, entries other_reading_of_config::*list, const std::string& name)
{
    return std::any_of(files.begin(), files.end(), [&](const auto& file) { return (file.*list).contains(name); });
}

/// What a context of the user's refers to and that was not there is not there now.
void check_waits(const made_entry& context, const readings& before, const readings& after)
{
    const auto& cluster = context.body.pairs[0].second.text;
    const auto& user = context.body.pairs[1].second.text;
    if (!is_there(before, &other_reading_of_config::clusters, cluster))
        CHECK_FALSE(is_there(after, &other_reading_of_config::clusters, cluster));
    if (!is_there(before, &other_reading_of_config::users, user))
        CHECK_FALSE(is_there(after, &other_reading_of_config::users, user));
}

/// All that is the user's own is there as it was, but for contexts that were named to be taken out.
void check_own(
    mixed_config& all, const strings& before, const strings& after, bool was_merged, const strings& named = {})
{
    const auto old = read_all(before);
    const auto now = read_all(after);
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (was_merged) CHECK(now[i].current_context == old[i].current_context);
        for (const auto& each : all.files()[i].users)
            if (each.is_users_own) check_stays(each, old[i].users, now[i].users, after[i]);
        for (const auto& each : all.files()[i].clusters)
            if (each.is_users_own || (was_merged && each.has_settings))
                check_stays(each, old[i].clusters, now[i].clusters, after[i]);
        for (const auto& each : all.files()[i].contexts) {
            if (!each.is_users_own || std::find(named.begin(), named.end(), each.name) != named.end()) continue;
            check_stays(each, old[i].contexts, now[i].contexts, after[i]);
            check_waits(each, old, now);
        }
    }
}

/// Of the first file that has one.
std::string entry_of(const strings& files, entries other_reading_of_config::*list, const std::string& name)
{
    for (const auto& text : files) {
        const auto reading = read_by_libyaml(text);
        if (const auto found = (reading.*list).find(name); found != (reading.*list).end()) return found->second;
    }
    return {};
}

/// The merge wrote the credential that arrived, under the name that it reports.
void check_arrived(const arriving_config& arrival, const doks::merged_kubeconfig& outcome, const strings& files)
{
    const auto holds = [](const std::string& entry, const std::string& part) { return entry.find(part) != entry.npos; };
    const auto context = entry_of(files, &other_reading_of_config::contexts, outcome.context);
    CHECK(holds(context, outcome.cluster));
    CHECK(holds(context, outcome.user));
    CHECK(holds(entry_of(files, &other_reading_of_config::users, outcome.user), arrival.secret));
    CHECK(holds(
        entry_of(files, &other_reading_of_config::clusters, outcome.cluster), mixed_config::id_of(arrival.cluster)));
}

std::size_t contexts_in(const strings& files)
{
    std::size_t count = 0;
    for (const auto& text : files) count += read_by_libyaml(text).contexts.size();
    return count;
}

/// What was done over all documents.
struct counts
{
    unsigned documents = 0, merges = 0, refused = 0, removals = 0, ambiguous = 0, restored = 0, own_users = 0;
};

/// Any words at once: ids, names, contexts.
void remove_anything(mixed_config& all, const strings& before, const strings& from, counts& done)
{
    strings words;
    for (unsigned count = 1 + all.below(3); count != 0; --count) {
        const auto cluster = all.below(mixed_config::clusters);
        const auto& contexts = all.files()[all.below(static_cast<unsigned>(all.files().size()))].contexts;
        switch (all.below(4)) {
        case 0:
            words.push_back(mixed_config::id_of(cluster));
            break;
        case 1:
            words.push_back("n" + std::to_string(cluster));
            break;
        case 2:
            words.push_back("https://" + mixed_config::id_of(cluster) + ".k8s.ondigitalocean.com");
            break;
        default:
            if (!contexts.empty()) words.push_back(contexts[all.below(static_cast<unsigned>(contexts.size()))].name);
        }
    }
    auto set = set_of(from);
    doks::remove_result outcome;
    const auto several = doks::kube::remove_from(set, words, outcome);
    const auto left = texts_of(set);
    CAPTURE(shown(words));
    if (several) CHECK(left == from);
    if (several) CHECK(several->contexts.size() > 1);
    done.ambiguous += several ? 1 : 0;
    ++done.removals;
    check_own(all, before, left, false, words);
}

/// After merges that only added, by context or by id.
void take_out_again(mixed_config& all, const strings& before, const merged_files& merged,
    const std::vector<arriving_config>& arrivals, counts& done)
{
    strings words;
    bool only_added = true;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        words.push_back(all.chance(2) ? merged.entries[i].context : mixed_config::id_of(arrivals[i].cluster));
        only_added = only_added && all.only_own_of(arrivals[i].cluster);
    }
    auto set = set_of(merged.files);
    doks::remove_result outcome;
    if (doks::kube::remove_from(set, words, outcome)) {
        // A context that is called as another cluster is.
        CHECK(std::any_of(words.begin(), words.end(), [](const auto& word) { return word.size() == 2; }));
        ++done.ambiguous;
        return;
    }
    const auto left = texts_of(set);
    ++done.removals;
    check_own(all, before, left, false, words);
    if (!only_added) return;
    CHECK(left == before);
    ++done.restored;
}

/// One document: merges and removals at random, with every promise checked after each.
void run(unsigned seed, counts& done)
{
    mixed_config all(seed);
    strings before;
    for (const auto& each : all.files()) before.push_back(each.text);
    CAPTURE(shown(before));
    for (const auto& file : all.files())
        done.own_users += static_cast<unsigned>(std::count_if(
            file.users.begin(), file.users.end(), [](const made_entry& each) { return each.is_users_own; }));
    std::vector<arriving_config> arrivals;
    for (unsigned cluster = 0; cluster < mixed_config::clusters; ++cluster)
        if (all.chance(2)) arrivals.push_back(arrival_of(cluster, all.below(arriving_forms), all.rng()));
    const std::string alias = arrivals.size() == 1 && all.chance(2) ? all.chance(2) ? "n0" : "alias" : "";
    const auto policy = all.chance(4) ? doks::name_collision::refuse : doks::name_collision::rename;
    ++done.documents;
    remove_anything(all, before, before, done);
    const auto merged = merge(before, arrivals, policy, alias);
    done.merges += static_cast<unsigned>(arrivals.size());
    done.refused += merged ? 0 : 1;
    if (!merged) return;
    CAPTURE(shown(merged->files));
    check_own(all, before, merged->files, true);
    std::size_t added = 0;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        check_arrived(arrivals[i], merged->entries[i], merged->files);
        added += merged->entries[i].change == doks::merge_change::added ? 1 : 0;
    }
    CHECK(contexts_in(merged->files) == contexts_in(before) + added);
    const auto again = merge(merged->files, arrivals, policy, alias);
    REQUIRE(again);
    CHECK(again->files == merged->files);
    std::vector<arriving_config> newer;
    for (const auto& each : arrivals) newer.push_back(arrival_of(each.cluster, each.form, all.rng()));
    const auto renewed = merge(merged->files, newer, policy, alias);
    REQUIRE(renewed);
    CHECK(contexts_in(renewed->files) == contexts_in(merged->files));
    for (std::size_t i = 0; i < newer.size(); ++i) {
        CHECK(renewed->entries[i].context == merged->entries[i].context);
        check_arrived(newer[i], renewed->entries[i], renewed->files);
    }
    check_own(all, before, renewed->files, true);
    take_out_again(all, before, *renewed, newer, done);
    remove_anything(all, before, renewed->files, done);
}

}

// Random documents with credentials of 13 kinds; libyaml reads the files independently of doks.
TEST_CASE(
    "no credential of the user's own is changed or lost by any merge or removal, and a removal restores the bytes")
{
    const unsigned wanted = doks::test::is_long() ? 100000 : 1000;
    counts done;
    for (unsigned seed = 0; seed < wanted; ++seed) {
        CAPTURE(seed);
        run(seed, done);
    }
    MESSAGE(done.documents << " documents with " << done.own_users << " credentials of the user's own: " << done.merges
                           << " merges (" << done.refused << " documents refused by name), " << done.removals
                           << " removals (" << done.ambiguous << " ambiguous), " << done.restored
                           << " restored to the byte");
}

// The same with kubectl as the reader.
TEST_CASE("kubectl reads every credential of the user's own as before")
{
    if (!doks::test::has_kubectl()) return;
    const scratch root;
    const auto users = [&](const std::string& text) {
        write(root / "config", text);
        const auto ended = doks::test::run_shell("HOME=/nonexistent KUBECONFIG='" + (root / "config").string() + "' '" +
                                                 doks::test::kubectl_program() + "' config view --raw -o json");
        REQUIRE_MESSAGE(ended.status == 0, ended.output);
        std::map<std::string, boost::json::value> all;
        const auto view = boost::json::parse(ended.output);
        if (const auto* list = view.at("users").if_array())
            for (const auto& each : *list) all[std::string(each.at("name").as_string())] = each;
        return all;
    };
    unsigned compared = 0;
    for (unsigned seed = 0; seed < (doks::test::is_long() ? 400u : 40u); ++seed) {
        mixed_config all(seed);
        if (all.files().size() != 1) continue;
        CAPTURE(seed);
        const auto text = all.files()[0].text;
        const auto merged =
            merge({text}, {arrival_of(0, 0, all.rng()), arrival_of(1, 4, all.rng())}, doks::name_collision::rename, "");
        REQUIRE(merged);
        const auto before = users(text);
        const auto after = users(merged->files[0]);
        for (const auto& each : all.files()[0].users) {
            if (!each.is_users_own) continue;
            ++compared;
            CHECK(after.at(each.name) == before.at(each.name));
        }
    }
    MESSAGE(compared << " credentials compared");
}
