#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/clusters/reference_selection.hpp"
#include "cli/options/options.hpp"
#include "cli/watch/account_readiness.hpp"
#include "cli/watch/leftovers.hpp"
#include "cli/watch/listing_review.hpp"

#include <doks/keeper.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/// What the accounts of a watch share.
struct watch_state
{
    boost::asio::any_io_executor executor;
    watch_command command;
    account_set accounts;
    console& log;
    reference_selection references{};     ///< of a file of ids
    std::function<void()> on_change = {}; ///< called when an account may have become ready, or hopeless
    bool is_stopping = false;
};

/** One account of a watch: a keeper for its directory, and the listings that decide which clusters are kept.

    `leftovers` takes care of the files of clusters that are kept no longer.
    @par Threads the executor's only thread
*/
class watched_account : public std::enable_shared_from_this<watched_account>
{
public:
    watched_account(std::shared_ptr<watch_state> shared, const client& api, kubeconfig_directory directory);

    /// Keeps these clusters from now on, and no others. One that is `unlisted` has not been shown to exist.
    void keep(std::vector<std::string> ids, std::vector<std::string> unlisted = {});

    /// Lists the clusters, again and again, until the watch stops.
    boost::asio::awaitable<void> list();
    /// Asks the API for a kept cluster until it takes the token: while all credentials are fresh nothing else asks it.
    boost::asio::awaitable<void> check_token();
    /// Reports each change of a credential until the keeper has ended.
    boost::asio::awaitable<void> report_changes();
    /// Reports and removes leftovers until the watch stops.
    boost::asio::awaitable<void> run_leftovers() { return leftovers_->run(); }

    /// False if `list` was started before.
    bool start_listing() noexcept;
    bool is_listing() const noexcept { return is_listing_; }
    /// A listing is due now, and the watch is not ready before it is done.
    void require_listing();
    void wake();
    /// Lets the keeper end, and stops everything else; `on_drained` is called on the executor.
    void stop(std::chrono::steady_clock::duration grace, std::function<void()> on_drained);

    /// Every kept cluster has had an outcome.
    bool is_settled() const noexcept { return is_listed_ && awaited_.empty(); }
    const account_readiness& readiness() const noexcept { return readiness_; }
    /// The watch has become ready: remembers whether this account works.
    void on_ready() { was_ready_ = was_ready_ || readiness_.works(); }
    void add_to(keeper_stats& stats) const;
    /// Logs what is not as it should be at the end. True if there is nothing.
    bool explain_end() const;

private:
    boost::asio::awaitable<void> apply(std::vector<cluster> listed);
    boost::asio::awaitable<std::map<std::string, failure>> find_gone(std::vector<std::string> ids);
    boost::asio::awaitable<void> read_stored_files();
    std::set<std::string> select(const std::vector<cluster>& listed);
    std::chrono::nanoseconds pause_after(const failure* error);
    boost::asio::awaitable<void> pause(std::chrono::nanoseconds time);
    void complain(const std::string& text) const;

    const std::shared_ptr<watch_state> shared_;
    client api_;
    kubeconfig_directory directory_;
    keeper keeper_;
    stream<renewal_event> changes_;
    boost::asio::steady_timer next_listing_;
    bool is_due_ = false; ///< a listing was asked for, perhaps while one was under way
    std::set<std::string> kept_{};
    std::set<std::string> awaited_{}; ///< kept clusters that have had no outcome yet
    unsigned failures_ = 0;
    bool is_listed_ = false;
    bool is_listing_ = false;
    bool was_ready_ = false;
    std::set<std::string> stored_{}; ///< by an earlier run, until the first listing
    listing_review review_;
    std::string complaint_{}; ///< about the last listing
    std::shared_ptr<leftovers> leftovers_;
    account_readiness readiness_{};
};

}
