#pragma once

#include "cli/console.hpp"

#include <doks/bulk.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>

namespace doks::cli {

/// Told of each outcome once its file is written, or could not be.
using item_sink = std::function<void(const bulk_item&)>;

/** Writes what a bulk fetches, several files at a time, so that they share their syncs.

    Shape: a directory that refuses three files in a row stops the bulk, for whatever it fetched would be minted in
    vain; so does a sink that throws.
    Threads: one, the executor's.
*/
class storage : public std::enable_shared_from_this<storage>
{
public:
    storage(boost::asio::any_io_executor executor, bulk all, kubeconfig_directory directory, std::size_t at_once,
        console& log, item_sink tell);

    bulk& all() noexcept { return all_; }
    /// The bulk's counts; what could not be stored counts as failed.
    bulk_summary summary() const;

    void take(bulk_item item);
    /// Until another item may be taken.
    boost::asio::awaitable<void> wait_for_room();
    /// Until every file is written; throws what the sink threw.
    boost::asio::awaitable<void> settle();

private:
    static boost::asio::awaitable<void> put(std::shared_ptr<storage> own, bulk_item item);
    boost::asio::awaitable<void> wait_below(std::size_t pending);
    void refused(bulk_item& item, const failure& why);
    void finish(const bulk_item& item);

    boost::asio::any_io_executor executor_;
    bulk all_;
    kubeconfig_directory directory_;
    std::size_t at_once_;
    console& log_;
    item_sink tell_;
    boost::asio::steady_timer changed_;
    std::size_t pending_ = 0;
    std::size_t not_stored_ = 0;
    std::size_t refusals_in_a_row_ = 0;
    std::exception_ptr sink_error_;
};

}
