#pragma once

#include "kubeconfig/directory/kubeconfig_store.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>

// What a keeper does on a directory's thread, where there may be no memory, and nothing may be thrown.

namespace doks::api {

/// False: there was no memory for `work`.
template <class Work> bool succeeds(Work work) noexcept
{
    try {
        work();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

/// What a directory holds of a credential, and whether one that is minted can be stored.
struct disk_lookup
{
    bool is_complete = false; ///< false: there was no memory
    kube::directory_state directory;
    std::optional<kube::file_error> error_of_file;
    std::optional<kube::stored_kubeconfig> stored;
    std::shared_ptr<void> mint_lock; ///< taken unless `stored` is good enough
    bool is_locked = false;          ///< another process or keeper holds that lock
};

struct lookup_terms
{
    std::string id;
    std::chrono::seconds expiry{0};
    std::optional<kubeconfig> outdated; ///< a stored credential is good enough only if it expires later than this one
    std::chrono::system_clock::time_point now{};
    bool proves = false; ///< by a write that the directory takes files
    bool locks = false;
};
disk_lookup look_on_disk(const kube::kubeconfig_store& store, const lookup_terms& terms) noexcept;

}
