#pragma once

#include "account.hpp"

#include <doks/kubeconfig_file.hpp>

#include <string>
#include <vector>

namespace cli_test {

/// `doks kubeconfig COMMAND` on the account's own ~/.kube/config.
inline finished on_file(const account& team, const std::string& command, std::vector<std::string> more = {})
{
    more.insert(more.begin(), {"kubeconfig", command});
    return team.run(std::move(more));
}

/// `doks kubeconfig remove`, which takes no option of the API's.
inline finished remove(const account& team, std::vector<std::string> entries)
{
    launch how;
    how.arguments = std::move(entries);
    how.arguments.insert(how.arguments.begin(), {"kubeconfig", "remove"});
    how.environment = {{"HOME", team.path("")}};
    return run(how);
}

inline std::filesystem::path kube_config(const account& team) { return team.path(".kube/config"); }

inline std::vector<doks::kubeconfig_entry> entries_of(const account& team)
{
    return doks::kubeconfig_file(kube_config(team)).entries();
}

inline std::vector<std::string> contexts_of(const account& team)
{
    std::vector<std::string> names;
    for (const auto& each : entries_of(team)) names.push_back(each.context);
    return names;
}

}
