#include <doks/kubeconfig_file.hpp>

#include "async/worker.hpp"
#include "kubeconfig/file/operations.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <optional>

namespace doks {

using kube::file_result;
using kube::file_scope;

namespace {

constexpr std::string_view merging_it = "merging into the kubeconfig";
constexpr std::string_view removing = "removing from the kubeconfig";
constexpr std::string_view reading = "reading the kubeconfig";

/// What the public API throws for an error inside.
failure failure_of(kube::file_error error, std::string_view operation)
{
    const bool is_content =
        error.code == errc::not_a_kubeconfig || error.code == errc::name_taken || error.code == errc::ambiguous_name;
    const bool is_argument = error.code == errc::invalid_argument;
    return to_failure(std::move(error), std::string(operation), is_argument ? "" : is_content ? "parse" : "disk");
}

/// Here an error of the module becomes the public `failure`.
template <class T> T value_of(file_result<T> outcome, std::string_view operation)
{
    if (!outcome) throw failure_of(outcome.error(), operation);
    return std::move(*outcome);
}

}

std::string_view to_string(merge_change change) noexcept
{
    constexpr std::string_view texts[] = {"unchanged", "added", "updated"};
    return texts[static_cast<std::size_t>(change)];
}

/// What copies of a handle share.
struct kubeconfig_file::shared
{
    /// Started by the first asynchronous call.
    async::worker& worker()
    {
        std::call_once(once, [this] { started.emplace(); });
        return *started;
    }

    const std::shared_ptr<kube::kept_documents> documents = std::make_shared<kube::kept_documents>();
    std::once_flag once;
    std::optional<async::worker> started;
};

kubeconfig_file::kubeconfig_file(std::filesystem::path path)
    : kubeconfig_file(std::vector{std::move(path)})
{}

kubeconfig_file::kubeconfig_file(std::vector<std::filesystem::path> paths)
    : paths_(std::move(paths))
    , shared_(std::make_shared<shared>())
{
    if (paths_.empty())
        throw failure_of({errc::invalid_argument, "the list of kubeconfigs is empty", "name one"}, reading);
}

kubeconfig_file kubeconfig_file::from_list(std::string_view list, const std::filesystem::path& home)
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
        throw failure_of(
            {errc::unusable_kubeconfig_file, "neither KUBECONFIG nor HOME is set", "name a kubeconfig"}, reading);
    if (paths.empty()) paths.push_back(home / ".kube" / "config");
    return kubeconfig_file(std::move(paths));
}

kubeconfig_file kubeconfig_file::from_environment()
{
    const char* list = std::getenv("KUBECONFIG");
    const char* home = std::getenv("HOME");
    return from_list(list == nullptr ? "" : list, home == nullptr ? "" : home);
}

file_scope kubeconfig_file::scope() const { return {paths_, lock_timeout_, shared_->documents}; }

/// The work holds no handle: the last one would have its thread wait for itself.
template <class T>
void kubeconfig_file::post(
    completion<T> to, std::string_view operation, std::function<file_result<T>(const file_scope&)> work) const
{
    shared_->worker().run<T>(
        [scope = scope(), operation, work = std::move(work)](std::stop_token stop) mutable {
            scope.stop = std::move(stop);
            return value_of(work(scope), operation);
        },
        std::move(to.handler), to.executor, shared_);
}

std::filesystem::path kubeconfig_file::target() const { return value_of(kube::target_of(scope()), reading); }

kubeconfig_file& kubeconfig_file::wait_for_lock(std::chrono::milliseconds timeout)
{
    lock_timeout_ = timeout;
    return *this;
}

std::filesystem::path kubeconfig_file::check_writable() const
{
    return value_of(kube::check_writable(scope()), merging_it);
}

merge_result kubeconfig_file::merge(std::span<const kubeconfig> configs, const merge_options& options)
{
    return value_of(kube::merge(scope(), configs, options), merging_it);
}

merge_result kubeconfig_file::merge(const kubeconfig& config, const merge_options& options)
{
    return merge(std::span(&config, 1), options);
}

remove_result kubeconfig_file::remove(std::span<const std::string> names)
{
    return value_of(kube::remove(scope(), names), removing);
}

remove_result kubeconfig_file::remove(const std::string& name) { return remove(std::span(&name, 1)); }

std::vector<kubeconfig_entry> kubeconfig_file::entries() const { return value_of(kube::entries(scope()), reading); }

std::string kubeconfig_file::current() const { return value_of(kube::current(scope()), reading); }

void kubeconfig_file::start_check(completion<std::filesystem::path> to) const
{
    post<std::filesystem::path>(std::move(to), merging_it, &kube::check_writable);
}

void kubeconfig_file::start_merge(
    completion<merge_result> to, std::vector<kubeconfig> configs, merge_options options) const
{
    post<merge_result>(std::move(to), merging_it,
        [configs = std::move(configs), options = std::move(options)](
            const file_scope& scope) { return kube::merge(scope, configs, options); });
}

void kubeconfig_file::start_remove(completion<remove_result> to, std::vector<std::string> names) const
{
    post<remove_result>(std::move(to), removing,
        [names = std::move(names)](const file_scope& scope) { return kube::remove(scope, names); });
}

void kubeconfig_file::start_entries(completion<std::vector<kubeconfig_entry>> to) const
{
    post<std::vector<kubeconfig_entry>>(std::move(to), reading, &kube::entries);
}

}
