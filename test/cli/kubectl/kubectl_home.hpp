#pragma once

#include "cli/account.hpp"

#include <doks/kubeconfig_file.hpp>

#include <filesystem>
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
inline launch removal_of(const account& team, std::vector<std::string> entries)
{
    launch how;
    how.arguments = std::move(entries);
    how.arguments.insert(how.arguments.begin(), {"kubeconfig", "remove"});
    how.environment = {{"HOME", team.path("")}};
    return how;
}

inline finished remove(const account& team, std::vector<std::string> entries)
{
    return run(removal_of(team, std::move(entries)));
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

/// What other tools left in the file.
inline constexpr auto foreign_config = "# hands off\n"
                                       "apiVersion: v1\n"
                                       "kind: Config\n"
                                       "clusters:\n"
                                       "- {name: home, cluster: {server: \"https://192.0.2.1\"}} # the cellar\n"
                                       "contexts:\n"
                                       "- name: home\n"
                                       "  context: {cluster: home, user: me}\n"
                                       "current-context: home\n"
                                       "users:\n"
                                       "- name: me\n"
                                       "  user: {token: 'not yours'}\n";

/// As this user's file.
inline void write_config(const account& team, const std::string& text)
{
    std::filesystem::create_directories(team.path(".kube"));
    team.write(".kube/config", text);
}

inline std::size_t minted(const account& team) { return team.api.counts().minted; }

}
