#pragma once

#include "core/rng.hpp"
#include "fuzz/choices.hpp"

#include <cstddef>
#include <cstdint>

namespace doks::test {

/// Dice in the place of a fuzzer's input, without an end.
class random_choices final : public choices
{
public:
    explicit random_choices(std::uint64_t seed)
        : dice_(seed)
    {}
    std::size_t below(std::size_t bound) override { return dice_.below(bound); }
    bool spent() const override { return false; }

private:
    core_test::dice dice_;
};

}
