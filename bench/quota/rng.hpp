#pragma once

#include "core/outcome.hpp"

#include <cmath>
#include <cstdint>

namespace quota {

/// The same numbers for the same seed with every standard library (splitmix64).
class rng
{
public:
    explicit rng(std::uint64_t seed)
        : state_(seed)
    {}

    std::uint64_t next()
    {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// Uniform in [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

    doks::core::duration between(doks::core::duration low, doks::core::duration high)
    {
        return low + std::chrono::duration_cast<doks::core::duration>((high - low) * unit());
    }
    /// The time to the next event of a Poisson process.
    doks::core::duration exponential(doks::core::duration mean)
    {
        return std::chrono::duration_cast<doks::core::duration>(mean * -std::log1p(-unit()));
    }

private:
    std::uint64_t state_;
};

}
