#pragma once

#include "cli/commands/command_context.hpp"
#include "cli/options/options.hpp"

#include <doks/bulk.hpp>
#include <doks/kubeconfig_file.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace doks::cli {

/** Throws `failure` where a kubeconfig from the API holds what the API documents nothing of: anything that would have
    kubectl run a program, read a file, go through a proxy or trust an unverified server.

    A server outside DigitalOcean's domain passes, for another API may have been asked.
*/
void require_harmless(const bulk_item& item);

/** Changes of the file that kubectl uses, off this thread.

    The lock is waited for as long as `--timeout` says, 10 s at most; a signal ends the waiting. Once the lock is
    held none ends the program before it is given back, but for a second one.
    Errors: as `kubeconfig_file`; `cli_error` (failed) where a signal ended it before anything was changed.
*/
class kubeconfig_editor
{
public:
    /// Of the file that was named, or the one that kubectl would use. Throws `failure` where there is none.
    kubeconfig_editor(
        const std::optional<std::filesystem::path>& named, const global_options& global, command_context& context);

    boost::asio::awaitable<merge_result> merge(std::vector<kubeconfig> configs, const merge_options& options);
    /// Whether it could be merged into now: it is locked and read, and stays as it is.
    boost::asio::awaitable<std::filesystem::path> check_writable();
    boost::asio::awaitable<remove_result> remove(std::vector<std::string> entries);

    const kubeconfig_file& file() const noexcept { return file_; }

private:
    template <class Result> boost::asio::awaitable<Result> run(std::function<Result(kubeconfig_file&)> change);

    kubeconfig_file file_;
    std::chrono::nanoseconds patience_;
    command_context& context_;
};

}
