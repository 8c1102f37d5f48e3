#pragma once

#include "core/rng.hpp"
#include "fuzz/choices.hpp"

#include <cstddef>
#include <cstdint>

namespace doks::test {

/// Random numbers in place of a fuzzer's input; they never end.
class random_choices final : public choices
{
public:
    explicit random_choices(std::uint64_t seed)
        : rng_(seed)
    {}
    std::size_t below(std::size_t bound) override { return rng_.below(bound); }
    bool spent() const override { return false; }

private:
    core_test::rng rng_;
};

}
