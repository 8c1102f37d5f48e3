#pragma once

#include "cli/commands/command_context.hpp"
#include "cli/options/options.hpp"
#include "cli/output/cli_error.hpp"

#include <boost/asio/awaitable.hpp>

namespace doks::cli {

// Each command returns its exit status. Errors: `cli_error`, and `failure` of the library.

/// Lists every cluster of the account.
boost::asio::awaitable<exit_status> run(
    clusters_command command, const global_options& global, command_context& context);

/// Prints one kubeconfig exactly as received.
boost::asio::awaitable<exit_status> run(show_command command, const global_options& global, command_context& context);

/// Fetches many kubeconfigs into a directory and reports each.
boost::asio::awaitable<exit_status> run(fetch_command command, const global_options& global, command_context& context);

/// Keeps a directory of kubeconfigs fresh until a signal ends it.
boost::asio::awaitable<exit_status> run(watch_command command, const global_options& global, command_context& context);

/// Merges kubeconfigs into the file that kubectl uses.
boost::asio::awaitable<exit_status> run(save_command command, const global_options& global, command_context& context);

/// Takes entries out of it again.
boost::asio::awaitable<exit_status> run(remove_command command, const global_options& global, command_context& context);

/// Gives kubectl one credential, out of a cache where it can.
boost::asio::awaitable<exit_status> run(
    credential_command command, const global_options& global, command_context& context);

/// Prints a shell's completion of this command line.
boost::asio::awaitable<exit_status> run(
    completion_command command, const global_options& global, command_context& context);

/// Prints a man page, or writes all of them.
boost::asio::awaitable<exit_status> run(man_command command, const global_options& global, command_context& context);

}
