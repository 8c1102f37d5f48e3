#pragma once

#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/// The `*.yaml` of a directory.
struct stored_files
{
    std::set<std::string> ids;        ///< of those that doks put there under the label
    std::vector<std::string> foreign; ///< the names of those that doks did not put there at all
};

/** What stands in a directory now.

    Errors: throws `failure` with `unusable_directory`.
*/
boost::asio::awaitable<stored_files> list_files(kubeconfig_directory directory, std::string label);

/// The ids alone; what keeps them from being found goes to `log`, and none are then.
boost::asio::awaitable<std::set<std::string>> stored_ids(
    kubeconfig_directory directory, std::string label, std::function<void(const std::string&)> log);

/// A file that doks put into a directory.
struct stored_file
{
    std::string id;
    std::optional<std::chrono::system_clock::time_point> expires_at; ///< none: not known
    kubeconfig config;
};

/** Those of them whose ids are not `kept`.

    Errors: throws `failure` with `unusable_directory`.
*/
boost::asio::awaitable<std::vector<stored_file>> files_beside(
    kubeconfig_directory directory, std::string label, std::set<std::string> kept);

/** Removes a file if it still holds what was seen: another process may have renewed it.

    Errors: throws `failure` with `unusable_directory`.
*/
boost::asio::awaitable<bool> erase_unchanged(kubeconfig_directory directory, stored_file seen);

}
