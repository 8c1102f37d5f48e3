#pragma once

#include <boost/asio/any_completion_handler.hpp>

#include <cstddef>
#include <memory>

namespace doks::net {

class shared_transport;

/** Opens connections ahead of the calls: takes so many at once, then gives all of them back.

    Shape: the handler hears how many are ready; fewer than asked for where the others failed, or were not open within the
    bound on waiting for a connection.
    Threads: any.
*/
void warm_up(const std::shared_ptr<shared_transport>& which, std::size_t connections,
    boost::asio::any_completion_handler<void(std::size_t)> handler);

}
