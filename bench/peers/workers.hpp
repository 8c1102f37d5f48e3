#pragma once

#include "peers/peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace peers {

/// One coroutine for each connection, `make_worker(i)`, until all of them end.
template <class MakeWorker>
void run_workers(boost::asio::io_context& context, std::size_t workers, MakeWorker make_worker)
{
    for (std::size_t i = 0; i < workers; ++i)
        boost::asio::co_spawn(context, make_worker(i), [](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    context.restart();
    context.run();
}

/// The warm-up, then the measured part.
template <class MakeWorker>
void run_measured(boost::asio::io_context& context, const order& what, meter& by, MakeWorker make_worker)
{
    by.warm_up();
    run_workers(context, what.connections, make_worker);
    by.begin();
    run_workers(context, what.connections, make_worker);
}

}
