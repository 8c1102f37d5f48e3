#pragma once

#include "cli/output/console.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace doks::cli {

/** The files of clusters that are not kept: of clusters that left the selection, or of an earlier run.

    Each is reported on standard output, once, as deselected. It is not renewed any more. It stays while its credential is
    valid, for programs may still use it, and is removed once that has expired. One whose expiry is not known stays.
    Only files that the directory's index has under the label are looked at, and one that another process renews is not
    removed.
    Threads: one, the executor's.
*/
class leftovers : public std::enable_shared_from_this<leftovers>
{
public:
    /// Reports and log lines name the context unless it is empty.
    leftovers(const boost::asio::any_io_executor& executor, kubeconfig_directory directory, std::string label,
        std::string context, console& log);

    /// From now on these clusters are kept, and no others.
    void keep(std::set<std::string> ids);
    /// Runs until it is stopped; it begins with the first `keep`.
    boost::asio::awaitable<void> run();
    void stop();
    /// Removes the files of clusters that are gone, by the API's responses about them, and reports each as gone.
    boost::asio::awaitable<void> remove(std::map<std::string, failure> gone);

private:
    using wall_clock = std::chrono::system_clock;

    boost::asio::awaitable<wall_clock::duration> look();
    void say(const std::string& text);

    kubeconfig_directory directory_;
    const std::string label_;
    const std::string context_;
    console& log_;
    boost::asio::steady_timer next_;
    std::optional<std::set<std::string>> kept_;
    std::set<std::string> reported_;
    std::set<std::string> going_; ///< files that `remove` removes now
    bool changed_ = false;
    bool stopped_ = false;
};

}
