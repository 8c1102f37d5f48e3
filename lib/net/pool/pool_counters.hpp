#pragma once

#include <doks/connection_stats.hpp>

#include <atomic>

namespace doks::net {

/// The counters of a pool, written by its strand and read from any thread. Each is exact; together they are no snapshot.
struct pool_counters
{
    std::atomic<std::size_t> connections{0}, idle{0}, opening{0}, waiting{0};
    std::atomic<std::uint64_t> opened{0}, resumed{0}, failed{0}, requests{0};

    connection_stats read() const noexcept
    {
        connection_stats now;
        now.idle = idle.load(std::memory_order_relaxed);
        now.opening = opening.load(std::memory_order_relaxed);
        const auto all = connections.load(std::memory_order_relaxed);
        now.open = all - (all < now.opening ? all : now.opening);
        now.waiting = waiting.load(std::memory_order_relaxed);
        now.opened = opened.load(std::memory_order_relaxed);
        now.resumed = resumed.load(std::memory_order_relaxed);
        now.failed = failed.load(std::memory_order_relaxed);
        now.requests = requests.load(std::memory_order_relaxed);
        return now;
    }
};

/// For counters that one strand writes: cheaper than an atomic increment.
inline void count(std::atomic<std::uint64_t>& counter) noexcept
{
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}
