#pragma once

#include <boost/asio/any_completion_handler.hpp>

#include <cstddef>
#include <memory>

namespace doks::net {

class shared_transport;

/** Opens connections ahead of the calls: acquires them all at once, then releases them.

    The handler is called with the number that is ready; it is smaller than asked for if some failed, or were not open within
    the bound on waiting for a connection. Any thread.
*/
void warm_up(const std::shared_ptr<shared_transport>& transport, std::size_t connections,
    boost::asio::any_completion_handler<void(std::size_t)> handler);

}
