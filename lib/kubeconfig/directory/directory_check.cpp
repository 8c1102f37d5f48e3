#include "kubeconfig/directory/directory_check.hpp"

#include "kubeconfig/directory/stored_file.hpp"

#include <utility>

namespace doks::kube {

bool directory_check::is_intact(const expected_file& expected, std::optional<stored_kubeconfig>& found)
{
    const auto stamp = store_->directory().stamp(file_of(expected.id));
    const auto seen = seen_.find(expected.id);
    if (seen != seen_.end() && stamp == seen->second.stamp && seen->second.config.bytes() == expected.config.bytes() &&
        store_->is_recorded(expected.id, seen->second.digest))
        return true;
    found = store_->find(expected.id);
    if (!found || !found->record || found->config.bytes() != expected.config.bytes()) return false;
    // A change between the two looks is seen at the next check: the stamp is the older one.
    seen_.insert_or_assign(expected.id, seen_file{expected.config, found->record->digest, stamp});
    return true;
}

/// Files that are not expected any more are forgotten, or the map would grow with every cluster that ever was.
check_outcome directory_check::run(std::vector<expected_file> expected, bool by_writing)
{
    check_outcome outcome;
    outcome.directory = store_->make_usable(by_writing);
    std::map<std::string, seen_file> still;
    for (auto& each : expected) {
        std::optional<stored_kubeconfig> found;
        if (!outcome.directory.unreachable && is_intact(each, found)) {
            still.insert(seen_.extract(each.id));
            continue;
        }
        outcome.lost.push_back({std::move(each), std::move(found)});
    }
    seen_ = std::move(still);
    return outcome;
}

}
