#pragma once

#include "async/context_watch.hpp"
#include "net/executor.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace doks::net {

/// What the system's resolver found.
struct found_addresses
{
    boost::system::error_code failed;
    std::vector<asio::ip::address> addresses;
};

/** One wait for the addresses of a name.

    Shape: the system's resolver runs on threads of its own, four at most in a process, with all signals blocked. Those who
    wait for the same name share one lookup. No thread is ever joined, for an unanswered resolver may take minutes:
    `cancel` and the end of the executor's context end the wait at once, and the process may end meanwhile. A child that
    was forked without an exec has no such threads and must not look names up.
    Errors: `host_not_found`, `lookup_unavailable` (the name servers do not answer), or the system's own.
    Threads: any.
*/
class name_lookup final : public async::context_bound, public std::enable_shared_from_this<name_lookup>
{
public:
    using handler = std::function<void(const found_addresses&)>;

    /// `then` is called on the strand `on`, unless the wait is cancelled before; it counts as that context's work.
    static std::shared_ptr<name_lookup> start(const std::string& host, const executor& on, handler then);

    void cancel() noexcept;
    void abandon() override { cancel(); }

private:
    friend class lookup_threads;

    name_lookup(const executor& on, handler then);
    bool waits();
    void finish(const std::shared_ptr<const found_addresses>& found);

    std::mutex mutex_;
    std::optional<executor> on_;
    handler then_;
    std::shared_ptr<name_lookup> self_; ///< while it waits, so that no other thread lets go of the context's work
};

}
