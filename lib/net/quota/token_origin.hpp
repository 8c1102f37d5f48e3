#pragma once

#include <doks/failure.hpp>
#include <doks/secret.hpp>
#include <doks/token_source.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>

namespace doks {

/** What stands behind a token_source.

    Threads: the client's strand. `fetch` answers later, from any thread, exactly once; a user's coroutine runs on `on`.
*/
struct token_source::origin
{
    using handler = std::function<void(result<secret>)>;

    virtual ~origin() = default;
    virtual void fetch(const boost::asio::any_io_executor& on, handler done) const = 0;
    /// Changes when the token may have changed; cheap to ask.
    virtual std::uint64_t version() const noexcept { return 0; }
};

}
