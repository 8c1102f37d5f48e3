#pragma once

#include "peers/peer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>

namespace peers {

/// One coroutine for each connection, `make_lane(i)`, until all of them end.
template <class MakeLane> void run_lanes(boost::asio::io_context& context, std::size_t lanes, MakeLane make_lane)
{
    for (std::size_t i = 0; i < lanes; ++i)
        boost::asio::co_spawn(context, make_lane(i), [](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    context.restart();
    context.run();
}

/// The warm-up, then the measured part.
template <class MakeLane>
void run_measured(boost::asio::io_context& context, const order& what, meter& by, MakeLane make_lane)
{
    by.warm_up();
    run_lanes(context, what.connections, make_lane);
    by.begin();
    run_lanes(context, what.connections, make_lane);
}

}
