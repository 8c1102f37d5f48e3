#include <doks/kubeconfig_file.hpp>

#include "kubeconfig/file/config_files.hpp"
#include "kubeconfig/file/merger.hpp"
#include "kubeconfig/file/remover.hpp"
#include "kubeconfig/read/screen.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace doks {

using kube::config_files;
using kube::entry_list;
using kube::kubeconfig_set;
using kube::refuse;

namespace {

constexpr std::string_view merging_it = "merging into the kubeconfig";
constexpr std::string_view removing = "removing from the kubeconfig";
constexpr std::string_view reading = "reading the kubeconfig";

void check(std::span<const kubeconfig> configs, const merge_options& options)
{
    if (options.alias.empty()) return;
    if (configs.size() > 1)
        refuse(
            merging_it, errc::invalid_argument, "an alias was given for several kubeconfigs", "merge them one by one");
    if (!kube::is_printable(options.alias))
        refuse(merging_it, errc::invalid_argument, "the alias holds control characters", "choose another one");
}

/// Puts them in; `told` has one place for each.
void put_in(const config_files& files, kube::merger& to, kubeconfig_set& set, std::span<const kubeconfig> configs,
    const merge_options& options, std::vector<merged_kubeconfig>& told)
{
    for (const auto& config : configs) {
        auto outcome = to.merge(config.bytes(), options.alias);
        if (!outcome) {
            const auto about = config.cluster_id().empty() ? "kubeconfig " + std::to_string(told.size() + 1)
                                                           : "the kubeconfig of " + config.cluster_id();
            const bool taken = outcome.error().cause == errc::name_taken;
            files.fail(outcome.error().cause, about + ": " + outcome.error().reason,
                taken ? "give it an alias that is free, or let it be renamed" : "");
        }
        told.push_back(std::move(*outcome));
    }
    if (options.current == current_context::set_to_first && !told.empty())
        set.set_current_context(set.keep(told.front().context));
}

/// The context, its cluster with the server and its user are there.
bool is_there(const kubeconfig_set& set, const merged_kubeconfig& entry)
{
    const auto context = set.find(entry_list::contexts, entry.context);
    if (!context || !set.find(entry_list::users, set.text(entry_list::contexts, *context, "user"))) return false;
    const auto cluster = set.find(entry_list::clusters, set.text(entry_list::contexts, *context, "cluster"));
    return cluster &&
           kube::server_key(set.text(entry_list::clusters, *cluster, "server")) == kube::server_key(entry.server);
}

/// What another writer took out since, by place.
std::vector<std::size_t> missing(const kubeconfig_set& set, const std::vector<merged_kubeconfig>& entries)
{
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (!is_there(set, entries[i])) all.push_back(i);
    return all;
}

/** Looks whether what was merged is still there, and puts it in again.

    kubectl deletes, once it has the lock, what it had not seen when it read the file before; no lock prevents that.
*/
class second_look
{
public:
    second_look(const config_files& files, std::chrono::milliseconds patience, const merge_options& options)
        : files_(files)
        , patience_(patience)
        , options_(options)
    {}

    void take(std::span<const kubeconfig> configs, std::vector<kube::file_stamp> seen, merging& told) const
    {
        try {
            look(configs, std::move(seen), told);
        } catch (const failure&) {
            told.unsure = true; // what was written is written
        }
    }

private:
    void look(std::span<const kubeconfig> configs, std::vector<kube::file_stamp> seen, merging& told) const
    {
        for (;;) {
            std::this_thread::sleep_for(options_.look_again);
            if (files_.stamps() == seen) return;
            const auto locks = files_.lock(patience_);
            auto set = files_.read();
            const auto gone = missing(set, told.entries);
            if (gone.empty()) return;
            if (told.repaired == options_.repairs) {
                for (const auto each : gone) told.lost.push_back(told.entries[each].context);
                return;
            }
            repair(configs, gone, set, told);
            ++told.repaired;
            seen = files_.stamps();
        }
    }

    /// Names that were taken may be free by now.
    void repair(std::span<const kubeconfig> configs, const std::vector<std::size_t>& gone, kubeconfig_set& set,
        merging& told) const
    {
        kube::merger to(set, options_.on_collision);
        std::vector<merged_kubeconfig> again;
        merge_options same = options_;
        same.current = current_context::keep;
        for (const auto each : gone) put_in(files_, to, set, configs.subspan(each, 1), same, again);
        files_.write(set);
        for (std::size_t i = 0; i < gone.size(); ++i) {
            auto& entry = told.entries[gone[i]];
            again[i].change = entry.change;
            entry = std::move(again[i]);
        }
    }

    const config_files& files_;
    std::chrono::milliseconds patience_;
    const merge_options& options_;
};

std::optional<credential_kind> kind_of(const yaml::draft* user)
{
    const auto has = [&](std::string_view key) {
        const auto* found = user == nullptr ? nullptr : user->find(key);
        return found != nullptr && !found->is_null();
    };
    if (has("token") || has("tokenFile")) return credential_kind::token;
    if (has("client-certificate-data") || has("client-certificate")) return credential_kind::certificate;
    if (has("exec")) return credential_kind::exec;
    return std::nullopt;
}

kubeconfig_entry described(const kubeconfig_set& set, kube::entry_place at, const config_files& files)
{
    kubeconfig_entry entry;
    entry.context = set.name(entry_list::contexts, at);
    entry.cluster = set.text(entry_list::contexts, at, "cluster");
    entry.user = set.text(entry_list::contexts, at, "user");
    entry.name_space = set.text(entry_list::contexts, at, "namespace");
    entry.is_current = entry.context == set.current_context();
    entry.file = files.path(at.file);
    if (const auto cluster = set.find(entry_list::clusters, entry.cluster))
        entry.server = set.text(entry_list::clusters, *cluster, "server");
    entry.cluster_id = kube::cluster_id_of(entry.server);
    if (const auto user = set.find(entry_list::users, entry.user))
        entry.kind = kind_of(set.body(entry_list::users, *user));
    return entry;
}

}

std::string_view to_string(merge_change change) noexcept
{
    constexpr std::string_view texts[] = {"unchanged", "added", "updated"};
    return texts[static_cast<std::size_t>(change)];
}

kubeconfig_file::kubeconfig_file(std::filesystem::path path)
    : paths_{std::move(path)}
{}

kubeconfig_file::kubeconfig_file(std::vector<std::filesystem::path> paths)
    : paths_(std::move(paths))
{
    if (paths_.empty()) refuse(reading, errc::invalid_argument, "the list of kubeconfigs is empty", "name one");
}

kubeconfig_file kubeconfig_file::usual(std::string_view list, const std::filesystem::path& home)
{
    std::vector<std::filesystem::path> paths;
    while (!list.empty()) {
        const auto end = std::min(list.find(':'), list.size());
        std::filesystem::path path(list.substr(0, end));
        list.remove_prefix(std::min(end + 1, list.size()));
        if (!path.empty() && std::find(paths.begin(), paths.end(), path) == paths.end())
            paths.push_back(std::move(path));
    }
    if (paths.empty() && home.empty())
        refuse(reading, errc::unusable_kubeconfig_file, "neither KUBECONFIG nor HOME is set", "name a kubeconfig");
    if (paths.empty()) paths.push_back(home / ".kube" / "config");
    return kubeconfig_file(std::move(paths));
}

kubeconfig_file kubeconfig_file::of_environment()
{
    const char* list = std::getenv("KUBECONFIG");
    const char* home = std::getenv("HOME");
    return usual(list == nullptr ? "" : list, home == nullptr ? "" : home);
}

std::filesystem::path kubeconfig_file::target() const { return paths_[config_files(paths_, reading).target()]; }

kubeconfig_file& kubeconfig_file::wait_for_lock(std::chrono::milliseconds patience)
{
    patience_ = patience;
    return *this;
}

merging kubeconfig_file::merge(std::span<const kubeconfig> configs, const merge_options& options)
{
    check(configs, options);
    const config_files files(paths_, merging_it);
    merging told;
    std::vector<kube::file_stamp> seen;
    {
        const auto locks = files.lock(patience_);
        auto set = files.read();
        kube::merger to(set, options.on_collision);
        put_in(files, to, set, configs, options, told.entries);
        told.written = files.write(set);
        if (!told.written.empty()) told.exposure = files.exposure();
        seen = files.stamps();
    }
    if (!told.written.empty() && options.look_again.count() > 0)
        second_look(files, patience_, options).take(configs, std::move(seen), told);
    return told;
}

merging kubeconfig_file::merge(const kubeconfig& config, const merge_options& options)
{
    return merge(std::span(&config, 1), options);
}

removal kubeconfig_file::remove(std::span<const std::string> which)
{
    const config_files files(paths_, removing);
    removal told;
    if (!files.any_exists()) {
        told.unknown.assign(which.begin(), which.end());
        return told;
    }
    const auto locks = files.lock(patience_);
    auto set = files.read();
    if (const auto several = kube::remove_from(set, which, told))
        files.fail(errc::ambiguous_name, "`" + several->word + "` fits several: " + listed(*several, set, files),
            way_out_of(*several, set));
    told.written = files.write(set);
    return told;
}

removal kubeconfig_file::remove(const std::string& which) { return remove(std::span(&which, 1)); }

std::vector<kubeconfig_entry> kubeconfig_file::entries() const
{
    const config_files files(paths_, reading);
    const auto set = files.read();
    std::vector<kubeconfig_entry> all;
    for (const auto at : set.entries(entry_list::contexts)) all.push_back(described(set, at, files));
    return all;
}

std::string kubeconfig_file::current() const
{
    return std::string(config_files(paths_, reading).read().current_context());
}

}
