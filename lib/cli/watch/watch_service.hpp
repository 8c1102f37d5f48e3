#pragma once

#include "cli/output/cli_error.hpp"
#include "cli/watch/sd_notifier.hpp"
#include "cli/watch/watched_account.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <vector>

namespace doks::cli {

/** Keeps the directories of accounts fresh until it is stopped, and reports what becomes of each credential.

    With `--all` each account lists its clusters every few minutes; with `--ids` the file is read at the beginning
    and at each `reload`, and listings tell what its names mean. The watch is ready once every account works, as
    `account_readiness` says; an account that cannot work is named, and delays no other. If none can work for a while
    before the watch was ever ready, it ends with a failure.
    @par Threads the executor's only thread
*/
class watch_service : public std::enable_shared_from_this<watch_service>
{
public:
    watch_service(boost::asio::any_io_executor executor, watch_command command, account_set accounts,
        const directories& places, sd_notifier& manager, console& log);

    /** Runs until it was stopped and every change is reported.

        @return  `failed` where a kept credential was missing or not in the directory at the end, or where something had
                 kept the watch from becoming ready; each is named
        @throws  what reporting threw
    */
    boost::asio::awaitable<exit_status> run(std::vector<std::string> references);
    /// Reads the ids again, or lists the clusters now.
    void reload();
    /// Requests under way may end, and their credentials be stored, within 5 s.
    void stop();

private:
    void start(boost::asio::awaitable<void> work);
    void on_end(std::exception_ptr error);
    void start_listing(watched_account& account);
    void keep_ids(watched_account& account);
    void read_ids_again();
    boost::asio::awaitable<void> notify_manager();
    void on_change();
    bool may_be_ready() const;
    void watch_for_hopelessness();
    void end_if_reported();
    std::string status() const;

    const std::shared_ptr<watch_state> shared_;
    sd_notifier& manager_;
    std::vector<std::shared_ptr<watched_account>> watched_;
    boost::asio::steady_timer end_;
    boost::asio::steady_timer heartbeat_;
    boost::asio::steady_timer hopeless_until_;
    bool is_hopeless_ = false;
    bool is_ready_ = false;
    bool was_ready_ = false;
    std::size_t draining_ = 0;
    std::size_t reporting_ = 0; ///< accounts whose changes are not all reported
    std::exception_ptr error_;
};

}
