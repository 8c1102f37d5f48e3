#pragma once

#include "kubeconfig/file/config_files.hpp"
#include "kubeconfig/file/operations.hpp"

#include <doks/merge.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace doks::kube {

/** One merge: the write, and the look at the file some time after it.

    kubectl deletes, once it has the lock, what it had not seen when it read the file before; no lock prevents that. So
    what is missing then is merged once more.
*/
class merge_run
{
public:
    merge_run(const file_scope& scope, const config_files& files, std::span<const kubeconfig> configs,
        const merge_options& options)
        : scope_(scope)
        , files_(files)
        , configs_(configs)
        , options_(options)
    {}

    file_result<merging> run();

private:
    std::optional<file_error> write();
    std::optional<file_error> verify();
    std::optional<file_error> repair(kubeconfig_set set, const std::vector<std::size_t>& missing);
    bool pause() const;

    const file_scope& scope_;
    const config_files& files_;
    const std::span<const kubeconfig> configs_;
    const merge_options& options_;
    merging outcome_;
    std::vector<file_stamp> written_; ///< the files as they were after the last write
};

}
