#include <doks/kubeconfig_directory.hpp>

#include "kubeconfig/disk_worker.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace doks {

struct kubeconfig_directory::state
{
    explicit state(const std::filesystem::path& path)
        : store(std::make_shared<const kube::kubeconfig_store>(path))
        , worker(store)
    {}

    static boost::asio::awaitable<void> write(std::shared_ptr<state> own, result<kube::put_job> job, bool needed);

    std::shared_ptr<const kube::kubeconfig_store> store;
    kube::disk_worker worker;
};

namespace {

result<kube::put_job> job_of(const bulk_item& item)
{
    if (!item.outcome) return item.outcome.error();
    return kube::put_job{*item.outcome, item.cluster.id, item.cluster.name, item.cluster.region, item.label};
}

}

boost::asio::awaitable<void> kubeconfig_directory::state::write(
    std::shared_ptr<state> own, result<kube::put_job> job, bool needed)
{
    if (!job) throw failure(job.error());
    if (!needed) co_return;
    const kube::put_outcome fault = co_await own->worker.put(std::move(*job));
    if (fault) throw failure(*fault);
}

kubeconfig_directory::kubeconfig_directory(std::filesystem::path path)
    : state_(std::make_shared<state>(path))
{}

const std::filesystem::path& kubeconfig_directory::path() const noexcept { return state_->store->path(); }

std::vector<std::size_t> kubeconfig_directory::damaged_index_lines() const
{
    return state_->store->damaged_index_lines();
}

boost::asio::awaitable<void> kubeconfig_directory::put(const bulk_item& item)
{
    return state::write(state_, job_of(item), !item.fresh);
}

std::optional<kubeconfig> kubeconfig_directory::get(std::string_view cluster_id) const
{
    return state_->store->get(cluster_id);
}

freshness kubeconfig_directory::fresh_for(std::chrono::steady_clock::duration margin) const
{
    return [store = state_->store, margin](const std::string& cluster_id) { return store->fresh(cluster_id, margin); };
}

}
