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
    std::shared_ptr<void> mint_lock; ///< taken unless `stored` is valid and other than `outdated`
    bool is_locked = false;          ///< another process or keeper holds that lock
};

/// `prove`: by writing that the directory takes files.
disk_lookup look_on_disk(const kube::kubeconfig_store& store, const std::string& id,
    const std::optional<kubeconfig>& outdated, std::chrono::system_clock::time_point now, bool prove) noexcept;

}
