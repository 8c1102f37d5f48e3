#pragma once

#include <doks/failure.hpp>
#include <doks/secret.hpp>
#include <doks/token_source.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>

namespace doks {

/** The implementation of a token_source; called on the client's strand, and shared by all clients of the source.

    `fetch` calls `done` exactly once, at once or later and from any thread. A user's coroutine runs on `executor`.
*/
struct token_source::origin
{
    using handler = std::function<void(result<secret>)>;

    virtual ~origin() = default;
    virtual void fetch(const boost::asio::any_io_executor& executor, handler done) const = 0;
    /// Changes when the token may have changed; cheap to ask.
    virtual std::uint64_t version() const noexcept { return 0; }
};

}
