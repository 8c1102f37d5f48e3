#include "cli/clusters/listing.hpp"

#include "cli/output/text.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

struct listing_outcome
{
    std::exception_ptr error;
    std::vector<cluster> clusters;
};

/// What all listings report to; one thread, the executor's.
struct listing_results
{
    listing_results(const asio::any_io_executor& executor, std::size_t count)
        : outcomes(count)
        , missing(count)
        , complete(executor, asio::steady_timer::time_point::max())
    {}

    std::vector<listing_outcome> outcomes;
    std::size_t missing;
    asio::steady_timer complete;
};

void begin(
    const client& of, std::size_t at, std::shared_ptr<listing_results> all, const asio::any_io_executor& executor)
{
    auto take = [at, all = std::move(all)](std::exception_ptr error, std::vector<cluster> clusters) {
        all->outcomes[at] = {error, std::move(clusters)};
        if (--all->missing == 0) all->complete.cancel();
    };
    of.clusters({}, asio::bind_executor(executor, std::move(take)));
}

void explain(console& log, const std::string& context, std::exception_ptr error)
{
    try {
        std::rethrow_exception(error);
    } catch (const failure& why) {
        log.line("doks: context " + in_quotes(context) + ": " + why.message());
    }
}

}

asio::awaitable<std::vector<listing>> list_clusters(const account_set& accounts, console& log)
{
    auto executor = co_await asio::this_coro::executor;
    auto all = std::make_shared<listing_results>(executor, accounts.clients.size());
    for (std::size_t at = 0; at < accounts.clients.size(); ++at) begin(accounts.clients[at], at, all, executor);
    boost::system::error_code cancelled;
    while (all->missing != 0) co_await all->complete.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    std::vector<listing> listed;
    for (std::size_t at = 0; at < accounts.clients.size(); ++at) {
        listing_outcome& got = all->outcomes[at];
        if (got.error && !accounts.several) std::rethrow_exception(got.error);
        if (got.error)
            explain(log, accounts.clients[at].label(), got.error);
        else
            listed.push_back({accounts.clients[at], std::move(got.clusters)});
    }
    co_return listed;
}

}
