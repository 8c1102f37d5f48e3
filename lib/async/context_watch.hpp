#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace doks::async {

namespace asio = boost::asio;

/// What holds handlers of users, and lets go of them uncalled when the executor's context is being destroyed.
class context_bound
{
public:
    virtual void abandon() = 0;

protected:
    ~context_bound() = default;
};

/** From now on it hears when the executor's context is being destroyed; any thread.

    For a handler of the user's may own a coroutine that owns a client that owns the call that owns the handler: a cycle
    that nothing else breaks.
*/
void watch_context(const asio::any_io_executor& on, std::weak_ptr<context_bound> who);

}
