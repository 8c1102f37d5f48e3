#pragma once

#include "kubeconfig/file/kubeconfig_document.hpp"
#include "kubeconfig/file_error.hpp"

#include <doks/merge.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace doks::kube {

/** Documents that a check has read, for the write that follows it.

    Threads: any.
*/
class kept_documents
{
public:
    void keep(std::vector<kubeconfig_document> documents)
    {
        const std::lock_guard held(mutex_);
        documents_ = std::move(documents);
    }
    /// They are kept no longer.
    std::vector<kubeconfig_document> take()
    {
        const std::lock_guard held(mutex_);
        return std::exchange(documents_, {});
    }

private:
    std::mutex mutex_;
    std::vector<kubeconfig_document> documents_;
};

/// The files of a call, and how long it may wait for them.
struct file_scope
{
    std::vector<std::filesystem::path> paths;
    std::chrono::milliseconds lock_patience;
    std::shared_ptr<kept_documents> documents;
    std::stop_token stop{};
};

// The calls of `kubeconfig_file`, without its exceptions. All of them block.

file_result<std::filesystem::path> target_of(const file_scope& scope);
file_result<std::filesystem::path> check_writable(const file_scope& scope);
file_result<merge_result> merge(
    const file_scope& scope, std::span<const kubeconfig> configs, const merge_options& options);
file_result<remove_result> remove(const file_scope& scope, std::span<const std::string> names);
file_result<std::vector<kubeconfig_entry>> entries(const file_scope& scope);
file_result<std::string> current(const file_scope& scope);

}
