#pragma once

#include <cstddef>
#include <cstdint>

namespace doks {

/// The connections of a client and of clients made from it by `with`: as they are now, and counted since it was made.
struct connection_stats
{
    std::size_t open = 0;    ///< in use and idle ones
    std::size_t idle = 0;    ///< of these; one that idled too long counts until it is next wanted
    std::size_t opening = 0; ///< being connected
    std::size_t waiting = 0; ///< requests that wait for a connection

    std::uint64_t opened = 0;
    std::uint64_t resumed = 0; ///< of these, with a resumed TLS session
    std::uint64_t failed = 0;  ///< attempts to open one that failed
    std::uint64_t requests = 0;
};

}
