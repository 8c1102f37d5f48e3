#include "api/keeper/store/disk_lookup.hpp"

#include "kubeconfig/directory/disk_worker.hpp"

#include <utility>

namespace doks::api {

namespace {

bool is_good(const std::optional<kube::stored_kubeconfig>& stored, const std::optional<kubeconfig>& outdated,
    std::chrono::system_clock::time_point now)
{
    return stored && kube::time_left(*stored, now) && !(outdated && stored->config.bytes() == outdated->bytes());
}

}

disk_lookup look_on_disk(const kube::kubeconfig_store& store, const std::string& id,
    const std::optional<kubeconfig>& outdated, std::chrono::system_clock::time_point now, bool prove) noexcept
{
    disk_lookup seen;
    seen.is_complete = succeeds([&] {
        seen.directory = store.make_usable(prove);
        seen.error_of_file = store.why_not_replaceable(id);
        seen.stored = store.find(id);
        if (is_good(seen.stored, outdated, now)) return;
        auto lock = store.lock(id);
        seen.is_locked = lock && !*lock;
        if (lock) seen.mint_lock = std::move(*lock);
        seen.stored = store.find(id); // the last holder may have put one
    });
    if (!seen.is_complete) seen.error_of_file = kube::out_of_memory();
    return seen;
}

}
