#include "async/random.hpp"

#include <atomic>
#include <cstdint>
#include <random>

namespace doks::async {

namespace {

std::uint64_t entropy()
{
    std::random_device source;
    return (std::uint64_t(source()) << 32) | source();
}

}

/// SplitMix64: a counter that any thread may advance, and a mix of its value.
double random_unit() noexcept
{
    static std::atomic<std::uint64_t> counter{entropy()};
    std::uint64_t mixed = counter.fetch_add(0x9e3779b97f4a7c15ULL, std::memory_order_relaxed);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31;
    return static_cast<double>(mixed >> 11) * 0x1p-53;
}

}
