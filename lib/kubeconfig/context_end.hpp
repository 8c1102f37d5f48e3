#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace doks::kube {

class change_listener;

/** From now on the listener is abandoned when the executor's context is being destroyed.

    For a coroutine that waits owns the stream that owns the listener that owns the coroutine: a cycle that nothing else
    breaks.
    Threads: any.
*/
void abandon_at_end(const boost::asio::any_io_executor& on, const std::shared_ptr<change_listener>& who);

}
