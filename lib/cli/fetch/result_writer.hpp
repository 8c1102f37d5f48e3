#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/fetch/fetch_job.hpp"
#include "cli/output/console.hpp"

#include <doks/bulk.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace doks::cli {

/// Stores what was fetched. Errors: `failure`, and the item counts as failed with it.
using item_store = std::function<boost::asio::awaitable<void>(const bulk_item&)>;
/// Writes each kubeconfig into the directory of its account.
item_store files_in(directories places);

/// Items that were given up before a request was sent, and why.
struct not_started
{
    std::size_t count = 0;
    failure why;
};

/// Receives each outcome once it is stored, or could not be stored; not items that were not started.
using item_sink = std::function<void(const bulk_item&)>;

/** Stores the results of a fetch, several at a time, so that files share syncs.

    A directory that refuses three files in a row stops the fetch, which would mint more credentials that cannot
    be stored; so does a sink that throws.
    Threads: one, the executor's.
*/
class result_writer : public std::enable_shared_from_this<result_writer>
{
public:
    result_writer(boost::asio::any_io_executor executor, fetch_job job, item_store put, console& log, item_sink report);

    boost::asio::awaitable<std::optional<bulk_item>> next() { return job_.all().next(); }
    void stop(std::chrono::steady_clock::duration grace);
    bool stopped() const noexcept { return stopped_; }
    /// The bulk's counts; items that could not be stored count as failed, and items that were not started are not counted.
    bulk_summary summary() const;
    /// By the client's label.
    const std::map<std::string, not_started>& left_over() const noexcept { return left_over_; }
    progress_moment moment(std::chrono::steady_clock::time_point now) const { return job_.moment(summary(), now); }

    void take(bulk_item item);
    /// Until another item may be taken.
    boost::asio::awaitable<void> wait_for_room();
    /// Until everything is stored; throws what the sink threw.
    boost::asio::awaitable<void> settle();

private:
    static boost::asio::awaitable<void> store(std::shared_ptr<result_writer> own, bulk_item item);
    boost::asio::awaitable<void> wait_below(std::size_t pending);
    void refused(bulk_item& item, const failure& why);
    void finish(const bulk_item& item);
    void stored(std::exception_ptr thrown);
    void end_with(std::exception_ptr error);

    boost::asio::any_io_executor executor_;
    fetch_job job_;
    item_store put_;
    std::map<std::string, std::size_t, std::less<>> refusals_in_a_row_;
    console& log_;
    item_sink report_;
    boost::asio::steady_timer changed_;
    std::size_t pending_ = 0;
    std::size_t not_stored_ = 0;
    std::map<std::string, not_started> left_over_;
    bool stopped_ = false;
    std::exception_ptr error_;
};

}
