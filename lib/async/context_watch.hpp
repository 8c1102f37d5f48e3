#pragma once

#include <boost/asio/execution_context.hpp>

#include <memory>

namespace doks::async {

namespace asio = boost::asio;

/// What holds handlers, and lets go of them uncalled when their execution context is being destroyed.
class context_bound
{
public:
    virtual void abandon() = 0;

protected:
    ~context_bound() = default;
};

/** From now on it hears when the context is being destroyed; any thread.

    For a handler of the user's may own a coroutine that owns a client that owns the call that owns the handler: a cycle
    that nothing else breaks.
*/
void watch_context(asio::execution_context& context, std::weak_ptr<context_bound> who);

}
