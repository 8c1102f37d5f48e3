#include "cli/stored_files.hpp"

#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/directory/disk_worker.hpp"

#include <functional>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

template <class T>
asio::awaitable<T> on_disk(
    kubeconfig_directory directory, std::function<kube::file_result<T>(const kube::kubeconfig_store&)> work)
{
    std::function<kube::file_result<T>()> job = [store = kube::directory_access::store(directory),
                                                    work = std::move(work)] { return work(*store); };
    auto done = co_await kube::async_run(kube::directory_access::worker(directory), std::move(job));
    if (!done) throw kube::directory_access::store(directory)->failure_of(done.error());
    co_return std::move(*done);
}

std::vector<stored_file> read_beside(const kube::kubeconfig_store& store, const std::string& label,
    const std::set<std::string>& kept, const std::vector<std::string>& ids)
{
    std::vector<stored_file> beside;
    for (const std::string& id : ids) {
        if (kept.contains(id)) continue;
        auto found = store.find(id);
        if (!found || !found->record || found->record->label != label) continue;
        beside.push_back({id, found->record->expires_at, std::move(found->config)});
    }
    return beside;
}

}

asio::awaitable<stored_files> list_files(kubeconfig_directory directory, std::string label)
{
    using contents = kube::directory_contents;
    std::function<kube::file_result<contents>(const kube::kubeconfig_store&)> work =
        [label = std::move(label)](const auto& store) { return store.contents(label); };
    auto found = co_await on_disk<contents>(std::move(directory), std::move(work));
    stored_files files;
    files.ids.insert(found.ids.begin(), found.ids.end());
    files.foreign = std::move(found.foreign);
    co_return files;
}

asio::awaitable<std::set<std::string>> stored_ids(
    kubeconfig_directory directory, std::string label, std::function<void(const std::string&)> log)
{
    std::set<std::string> ids;
    try {
        auto files = co_await list_files(std::move(directory), std::move(label));
        ids = std::move(files.ids);
    } catch (const failure& why) {
        log(why.message());
    }
    co_return ids;
}

asio::awaitable<std::vector<stored_file>> files_beside(
    kubeconfig_directory directory, std::string label, std::set<std::string> kept)
{
    using files = std::vector<stored_file>;
    std::function<kube::file_result<files>(const kube::kubeconfig_store&)> work =
        [label = std::move(label), kept = std::move(kept)](const auto& store) -> kube::file_result<files> {
        const auto ids = store.ids();
        if (!ids) return ids.error();
        return read_beside(store, label, kept, *ids);
    };
    auto found = co_await on_disk<files>(std::move(directory), std::move(work));
    co_return found;
}

asio::awaitable<bool> erase_unchanged(kubeconfig_directory directory, stored_file seen)
{
    std::function<kube::file_result<prune_result>(const kube::kubeconfig_store&)> work =
        [seen = std::move(seen)](const auto& store) { return store.erase(seen.id, seen.config.bytes()); };
    auto done = co_await on_disk<prune_result>(std::move(directory), std::move(work));
    co_return !done.removed.empty();
}

}
