#pragma once

#include <cstddef>
#include <cstdint>

namespace doks {

/// The connections of a client and of those made from it by `with`: as they are now, and counted from its beginning.
struct connection_stats
{
    std::size_t open = 0;    ///< in use and idle ones
    std::size_t idle = 0;    ///< of these; what idled too long is found out when it is wanted
    std::size_t opening = 0; ///< being connected
    std::size_t waiting = 0; ///< requests that wait for one

    std::uint64_t opened = 0;
    std::uint64_t resumed = 0; ///< of these, those that resumed a TLS session
    std::uint64_t failed = 0;  ///< attempts to open one
    std::uint64_t requests = 0;
};

}
