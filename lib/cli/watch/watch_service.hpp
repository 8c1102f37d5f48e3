#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/clusters/reference_selection.hpp"
#include "cli/options/options.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/watch/account_readiness.hpp"
#include "cli/watch/leftovers.hpp"
#include "cli/watch/listing_review.hpp"
#include "cli/watch/sd_notifier.hpp"

#include <doks/keeper.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/** Keeps the directories of accounts fresh until it is stopped, and reports what becomes of each credential.

    Shape: with `--all` the clusters are listed anew every few minutes, and `listing_review` decides what a listing changes;
    with `--ids` the file is read at the beginning and at each `reload`, and listings tell what its names mean. What leaves the selection is for `leftovers`. It is
    ready once every account works, as `account_readiness` says; an account that cannot work is named, and holds up no other.
    Where none can work for a while before it was ever ready, it ends with the failure.
    Threads: one, the executor's.
*/
class watch_service : public std::enable_shared_from_this<watch_service>
{
public:
    watch_service(boost::asio::any_io_executor executor, watch_command what, accounts from, const directories& places,
        sd_notifier& manager, console& log);

    /** Until it was stopped and nothing is left; throws what reporting threw, and the failure that ended it.

        Shape: `failed` where a credential that is kept was missing or not in the directory when it was stopped, or where
        something had kept it from becoming ready; each is named.
    */
    boost::asio::awaitable<exit_status> run(std::vector<std::string> references);
    /// Reads the ids again, or lists the clusters now.
    void reload();
    /// What is under way may end, and be stored, within 5 s.
    void stop();

private:
    /// One account, its directory's keeper, and what the first word is still awaited of.
    struct watched
    {
        client of;
        keeper held;
        stream<renewal_event> changes;
        boost::asio::steady_timer next_listing;
        bool list_again = false; ///< asked for, maybe while a listing was under way
        std::set<std::string> known;
        std::set<std::string> awaited;
        unsigned failures = 0;
        bool listed = false;
        listing_review review;
        std::string complaint; ///< about the last listing
        std::shared_ptr<leftovers> beside;
        account_readiness readiness{};
        bool worked = false;            ///< when the watch became ready
        std::set<std::string> stored{}; ///< by an earlier run, until the first listing
        bool is_listing = false;        ///< now and then, and not only asking for ids
    };

    /// `unlisted`: what is kept, too, but is no evidence that its cluster exists.
    void keep(watched& which, std::vector<std::string> ids, std::vector<std::string> unlisted = {});
    boost::asio::awaitable<void> take_up(
        std::shared_ptr<watch_service> own, watched& which, std::vector<cluster> listed);
    boost::asio::awaitable<std::map<std::string, failure>> find_gone(
        std::shared_ptr<watch_service> own, watched& which, std::vector<std::string> ids);
    boost::asio::awaitable<void> list(std::shared_ptr<watch_service> own, watched& which);
    boost::asio::awaitable<void> tell(std::shared_ptr<watch_service> own, watched& which);
    boost::asio::awaitable<void> live(std::shared_ptr<watch_service> own);
    void start_listing(watched& which);
    /// Of what is listed, and what a file of ids gives as an id.
    std::set<std::string> wanted_of(const watched& which, const std::vector<cluster>& listed);
    std::chrono::nanoseconds pause_after(watched& which, const failure* why);
    /// With a file of ids: whether the API takes the token, which nothing else asks while all credentials are fresh.
    boost::asio::awaitable<void> ask_once(std::shared_ptr<watch_service> own, watched& which);
    void complain(const watched& which, const std::string& what);
    void announce();
    bool may_be_ready();
    void give_up_later();
    void give_up();
    void name_what_is_missing();
    void end_once_all_is_told();
    std::string status() const;

    boost::asio::any_io_executor executor_;
    const watch_command what_;
    const accounts from_;
    const directories places_;
    reference_selection references_; ///< of a file of ids
    sd_notifier& manager_;
    console& log_;
    std::vector<std::unique_ptr<watched>> each_;
    boost::asio::steady_timer over_;
    boost::asio::steady_timer heartbeat_;
    boost::asio::steady_timer hopeless_until_;
    bool is_hopeless_ = false;
    bool ready_ = false;
    bool was_ready_ = false;
    exit_status status_ = exit_status::done;
    bool stopping_ = false;
    std::size_t draining_ = 0;
    std::size_t telling_ = 0; ///< whose changes are not all reported
    std::exception_ptr error_;
};

}
