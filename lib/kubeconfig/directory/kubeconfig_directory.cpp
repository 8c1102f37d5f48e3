#include <doks/kubeconfig_directory.hpp>

#include "kubeconfig/directory/change_feed.hpp"
#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/directory/disk_worker.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace doks {

namespace asio = boost::asio;

struct kubeconfig_directory::state
{
    explicit state(const std::filesystem::path& path)
        : store(std::make_shared<const kube::kubeconfig_store>(path))
        , worker(std::make_shared<kube::disk_worker>(store))
    {}

    static asio::awaitable<result<void>> write(std::shared_ptr<state> own, result<kube::put_job> job, bool needed);
    /// What the work returns on the worker's thread.
    template <class T>
    static asio::awaitable<result<T>> run(std::shared_ptr<state> own, std::string operation,
        std::function<kube::file_result<T>(const kube::kubeconfig_store&)> work);
    static asio::awaitable<result<std::shared_ptr<void>>> lock(
        std::shared_ptr<state> own, std::string name, std::chrono::steady_clock::time_point until);

    const std::shared_ptr<const kube::kubeconfig_store> store;
    const std::shared_ptr<kube::disk_worker> worker;
};

namespace {

result<kube::put_job> job_of(const bulk_item& item)
{
    if (!item.outcome) return item.outcome.error();
    return kube::put_job{
        *item.outcome, kube::canonical_id(item.cluster.id), item.cluster.name, item.cluster.region, item.label};
}

asio::awaitable<result<bool>> removed_any(asio::awaitable<result<prune_result>> call)
{
    const auto done = co_await std::move(call);
    if (!done) co_return done.error();
    co_return !done->removed.empty();
}

/// The value, or the failure as an exception.
template <class T> asio::awaitable<T> throwing(asio::awaitable<result<T>> call)
{
    auto outcome = co_await std::move(call);
    if (!outcome) throw failure(outcome.error());
    if constexpr (!std::is_void_v<T>) co_return std::move(*outcome);
}

}

asio::awaitable<result<void>> kubeconfig_directory::state::write(
    std::shared_ptr<state> own, result<kube::put_job> job, bool needed)
{
    if (!job) co_return job.error();
    if (!needed) co_return result<void>();
    const std::string id = job->id;
    const call_info info = job->config.info();
    auto error = co_await kube::async_put(own->worker, std::move(*job));
    if (error) co_return own->store->put_failure(std::move(*error), id, info);
    co_return result<void>();
}

template <class T>
asio::awaitable<result<T>> kubeconfig_directory::state::run(std::shared_ptr<state> own, std::string operation,
    std::function<kube::file_result<T>(const kube::kubeconfig_store&)> work)
{
    std::function<kube::file_result<T>()> job = [store = own->store, work = std::move(work)] { return work(*store); };
    auto done = co_await kube::async_run(own->worker, std::move(job));
    if (!done) co_return own->store->failure_of(done.error(), std::move(operation));
    co_return std::move(*done);
}

/// On the caller's executor: the directory's thread must not wait for another process.
asio::awaitable<result<std::shared_ptr<void>>> kubeconfig_directory::state::lock(
    std::shared_ptr<state> own, std::string name, std::chrono::steady_clock::time_point until)
{
    using namespace std::chrono_literals;
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (auto next = 5ms;; next = std::min(2 * next, 40ms)) {
        auto held = own->store->lock(name);
        if (!held) co_return own->store->failure_of(held.error(), "locking a name in " + own->store->path().string());
        if (*held || std::chrono::steady_clock::now() >= until) co_return std::move(*held);
        boost::system::error_code cancelled;
        pause.expires_after(next);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        if (cancelled) co_return std::shared_ptr<void>();
    }
}

kubeconfig_directory::kubeconfig_directory(std::filesystem::path path)
    : state_(std::make_shared<state>(path))
{}

const std::filesystem::path& kubeconfig_directory::path() const noexcept { return state_->store->path(); }

std::vector<std::size_t> kubeconfig_directory::damaged_index_lines() const
{
    return state_->store->damaged_index_lines();
}

asio::awaitable<result<void>> kubeconfig_directory::try_put(const bulk_item& item)
{
    return state::write(state_, job_of(item), !item.fresh);
}

asio::awaitable<void> kubeconfig_directory::put(const bulk_item& item) { return throwing(try_put(item)); }

asio::awaitable<result<void>> kubeconfig_directory::try_put(kubeconfig config, cluster about, std::string label)
{
    return state::write(state_,
        kube::put_job{std::move(config), kube::canonical_id(std::move(about.id)), std::move(about.name),
            std::move(about.region), std::move(label)},
        true);
}

asio::awaitable<void> kubeconfig_directory::put(kubeconfig config, cluster about, std::string label)
{
    return throwing(try_put(std::move(config), std::move(about), std::move(label)));
}

asio::awaitable<result<prune_result>> kubeconfig_directory::try_prune(
    std::vector<cluster> listed, std::optional<std::string> label, prune_limit limit)
{
    for (auto& each : listed) each.id = kube::canonical_id(std::move(each.id));
    return state::run<prune_result>(state_, "pruning the kubeconfig directory " + path().string(),
        [listed = std::move(listed), label = std::move(label), limit](
            const auto& store) { return store.prune(listed, label, limit); });
}

asio::awaitable<prune_result> kubeconfig_directory::prune(
    std::vector<cluster> listed, std::optional<std::string> label, prune_limit limit)
{
    return throwing(try_prune(std::move(listed), std::move(label), limit));
}

asio::awaitable<result<bool>> kubeconfig_directory::try_erase(std::string cluster_id)
{
    return removed_any(state::run<prune_result>(state_, "removing the kubeconfig of a cluster",
        [id = kube::canonical_id(std::move(cluster_id))](const auto& store) { return store.erase(id); }));
}

asio::awaitable<bool> kubeconfig_directory::erase(std::string cluster_id)
{
    return throwing(try_erase(std::move(cluster_id)));
}

asio::awaitable<result<bool>> kubeconfig_directory::try_erase_expired(std::string cluster_id)
{
    return removed_any(state::run<prune_result>(state_, "removing the expired kubeconfig of a cluster",
        [id = kube::canonical_id(std::move(cluster_id))](const auto& store) { return store.erase_expired(id); }));
}

asio::awaitable<bool> kubeconfig_directory::erase_expired(std::string cluster_id)
{
    return throwing(try_erase_expired(std::move(cluster_id)));
}

asio::awaitable<result<directory_contents>> kubeconfig_directory::try_contents(std::optional<std::string> label)
{
    return state::run<directory_contents>(state_, "listing the kubeconfig directory " + path().string(),
        [label = std::move(label)](const auto& store) { return store.contents(label); });
}

asio::awaitable<directory_contents> kubeconfig_directory::contents(std::optional<std::string> label)
{
    return throwing(try_contents(std::move(label)));
}

asio::awaitable<result<std::shared_ptr<void>>> kubeconfig_directory::try_lock(
    std::string name, std::chrono::steady_clock::duration patience)
{
    return state::lock(state_, std::move(name), std::chrono::steady_clock::now() + patience);
}

asio::awaitable<std::shared_ptr<void>> kubeconfig_directory::lock(
    std::string name, std::chrono::steady_clock::duration patience)
{
    return throwing(try_lock(std::move(name), patience));
}

stream<directory_change> kubeconfig_directory::changes()
{
    auto who = std::make_shared<kube::change_queue>();
    state_->worker->tell(who);
    return kube::stream_of(std::move(who), state_->worker);
}

std::optional<kubeconfig> kubeconfig_directory::get(std::string_view cluster_id) const
{
    return state_->store->get(kube::canonical_id(std::string(cluster_id)));
}

freshness kubeconfig_directory::fresh_for(std::chrono::steady_clock::duration margin) const
{
    return [store = state_->store, margin](const std::string& cluster_id) {
        auto found = store->find_fresh(kube::canonical_id(cluster_id), margin);
        return found ? std::optional(std::move(found->config)) : std::nullopt;
    };
}

std::shared_ptr<kube::disk_worker> kube::directory_access::worker(const kubeconfig_directory& of)
{
    return of.state_->worker;
}

std::shared_ptr<const kube::kubeconfig_store> kube::directory_access::store(const kubeconfig_directory& of)
{
    return of.state_->store;
}

}
