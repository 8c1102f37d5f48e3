#pragma once

#include "async/completion.hpp"
#include "async/executor.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace doks::net {

/// The outcome of a lookup.
struct found_addresses
{
    boost::system::error_code failed;
    std::vector<asio::ip::address> addresses;
};

/** One wait for the addresses of a name.

    The system's resolver runs on threads of its own, four at most in a process, with all signals blocked. Waits for the same
    name share one lookup. No thread is ever joined, for a resolver without a response may take minutes: `cancel` and the
    destruction of the executor's context end the wait at once, and the process may end meanwhile. A child that was forked
    without an exec has no such threads and must not look names up. Errors: `host_not_found`, `lookup_unavailable` (the name
    servers do not respond), or the system's own. Any thread.
*/
class name_lookup final
{
public:
    using handler = std::function<void(const found_addresses&)>;

    /// Calls `on_found` on `strand`, unless the wait is cancelled before. The wait counts as work of the strand's context.
    static std::shared_ptr<name_lookup> start(const std::string& host, const async::executor& strand, handler on_found);

    name_lookup(const async::executor& strand, handler on_found);
    void cancel() noexcept { done_.drop(); }

private:
    friend class lookup_threads;
    using addresses = std::shared_ptr<const found_addresses>;

    async::completion<void(addresses)> done_;
};

}
