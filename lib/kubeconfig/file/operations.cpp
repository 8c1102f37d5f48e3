#include "kubeconfig/file/operations.hpp"

#include "kubeconfig/file/config_files.hpp"
#include "kubeconfig/file/remover.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <optional>

namespace doks::kube {

namespace {

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

kubeconfig_entry described(const kubeconfig_set& set, entry_place at, const config_files& files)
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
    entry.cluster_id = cluster_id_of(entry.server);
    if (const auto user = set.find(entry_list::users, entry.user))
        entry.kind = kind_of(set.body(entry_list::users, *user));
    return entry;
}

}

file_result<std::filesystem::path> target_of(const file_scope& scope)
{
    const auto files = config_files::open(scope.paths);
    if (!files) return files.error();
    return scope.paths[files->target()];
}

file_result<std::filesystem::path> check_writable(const file_scope& scope)
{
    const auto files = config_files::open(scope.paths);
    if (!files) return files.error();
    const auto locks = files->lock(scope.lock_patience, scope.stop);
    if (!locks) return locks.error();
    auto set = files->read();
    if (!set) return set.error();
    scope.documents->keep(std::move(*set).release());
    return scope.paths[files->target()];
}

file_result<remove_result> remove(const file_scope& scope, std::span<const std::string> names)
{
    const auto files = config_files::open(scope.paths);
    if (!files) return files.error();
    remove_result outcome;
    if (!files->any_exists()) {
        outcome.unknown.assign(names.begin(), names.end());
        return outcome;
    }
    const auto locks = files->lock(scope.lock_patience, scope.stop);
    if (!locks) return locks.error();
    auto set = files->read(scope.documents->take());
    if (!set) return set.error();
    if (const auto several = remove_from(*set, names, outcome))
        return file_error{errc::ambiguous_name,
            "`" + several->word + "` fits several: " + listed(*several, *set, *files), way_out_of(*several, *set)};
    auto written = files->write(*set);
    if (!written) return written.error();
    outcome.written = std::move(*written);
    return outcome;
}

file_result<std::vector<kubeconfig_entry>> entries(const file_scope& scope)
{
    const auto files = config_files::open(scope.paths);
    if (!files) return files.error();
    const auto set = files->read();
    if (!set) return set.error();
    std::vector<kubeconfig_entry> all;
    for (const auto at : set->entries(entry_list::contexts)) all.push_back(described(*set, at, *files));
    return all;
}

file_result<std::string> current(const file_scope& scope)
{
    const auto files = config_files::open(scope.paths);
    if (!files) return files.error();
    const auto set = files->read();
    if (!set) return set.error();
    return std::string(set->current_context());
}

}
