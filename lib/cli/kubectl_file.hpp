#pragma once

#include "cli/console.hpp"
#include "cli/environment.hpp"
#include "cli/options.hpp"

#include <doks/bulk.hpp>
#include <doks/kubeconfig_file.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <optional>
#include <vector>

namespace doks::cli {

/** The file that was named, or the one that kubectl would use. Its lock is waited for as long as `--timeout` says, 10 s at
    most.

    Errors: `failure` with `unusable_kubeconfig_file`.
*/
kubeconfig_file kubectl_file(
    const std::optional<std::filesystem::path>& named, const global_options& global, const environment& variables);

/** Throws `failure` unless what a kubeconfig from the API says is what the API documents: its own cluster's server, and a
    credential inline. Anything else would have kubectl run a program, read a file or trust somebody else.

    Shape: a server outside DigitalOcean's domain passes, for another API may have been asked.
*/
void require_harmless(const bulk_item& item);

/** Merges all in one write, off this thread.

    Shape: a signal does not end the program within the write, for the lock would be left behind; a second one does.
*/
boost::asio::awaitable<merging> merge_off_thread(
    kubeconfig_file into, std::vector<kubeconfig> configs, merge_options how, console& log);

}
