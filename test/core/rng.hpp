#pragma once

#include "support/long_form.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace core_test {

using doks::test::steps;

/// Randomness that a failed test can name: the same seed, the same walk.
class rng
{
public:
    explicit rng(std::uint64_t seed)
        : engine_(seed)
    {}

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_); }
    double unit() { return std::uniform_real_distribution<double>(0, 1)(engine_); }
    bool chance(double probability) { return unit() < probability; }

    template <class Duration> Duration between(Duration least, Duration most)
    {
        return Duration(std::uniform_int_distribution<typename Duration::rep>(least.count(), most.count())(engine_));
    }

    std::string bytes(std::size_t most)
    {
        std::string text(below(most + 1), '\0');
        for (char& c : text) c = static_cast<char>(below(256));
        return text;
    }

private:
    std::mt19937_64 engine_;
};

}
