#pragma once

#include "kubeconfig/directory/kubeconfig_store.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace doks::kube {

/// What a process has put, and what should still be there.
struct expected_file
{
    std::string id;
    doks::kubeconfig config;
};

/// A file that is not as it was put.
struct lost_file
{
    expected_file expected;
    std::optional<stored_kubeconfig> found; ///< what stands there instead, if that can be read
};

struct check_outcome
{
    directory_state directory;
    std::vector<lost_file> lost;
};

/** Finds out which files are missing, were changed, or are not in the index any more.

    A file is read again only if its stamp differs from the last look.
    Threads: the directory's worker.
    Cost: two system calls for each file that did not change.
*/
class directory_check
{
public:
    explicit directory_check(std::shared_ptr<const kubeconfig_store> store)
        : store_(std::move(store))
    {}

    check_outcome run(std::vector<expected_file> expected, bool by_writing);

private:
    struct seen_file
    {
        doks::kubeconfig config;
        std::string digest;
        file_stamp stamp;
    };

    bool is_intact(const expected_file& expected, std::optional<stored_kubeconfig>& found);

    const std::shared_ptr<const kubeconfig_store> store_;
    std::map<std::string, seen_file> seen_;
};

}
