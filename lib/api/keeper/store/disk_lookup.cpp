#include "api/keeper/store/disk_lookup.hpp"

#include "kubeconfig/directory/disk_worker.hpp"

#include <utility>

namespace doks::api {

namespace {

/// So that none has to be minted.
bool is_good(const std::optional<kube::stored_kubeconfig>& stored, const lookup_terms& terms)
{
    const auto left = stored ? kube::time_left(*stored, terms.now) : std::nullopt;
    if (!left || *left <= std::chrono::nanoseconds(0)) return false;
    const auto& record = *stored->record;
    if (record.kind == to_string(credential_kind::token) && record.expiry != terms.expiry) return false;
    if (!terms.outdated) return true;
    const auto held_until = terms.outdated->expires_at();
    return stored->config.bytes() != terms.outdated->bytes() && (!held_until || record.expires_at > *held_until);
}

}

disk_lookup look_on_disk(const kube::kubeconfig_store& store, const lookup_terms& terms) noexcept
{
    disk_lookup seen;
    seen.is_complete = succeeds([&] {
        seen.directory = store.make_usable(terms.proves);
        seen.error_of_file = store.why_not_replaceable(terms.id);
        seen.stored = store.find(terms.id);
        if (!terms.locks || is_good(seen.stored, terms)) return;
        auto lock = store.lock(terms.id);
        seen.is_locked = lock && !*lock;
        if (lock) seen.mint_lock = std::move(*lock);
        seen.stored = store.find(terms.id); // the last holder may have put one
    });
    if (!seen.is_complete) seen.error_of_file = kube::out_of_memory();
    return seen;
}

}
