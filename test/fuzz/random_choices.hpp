#pragma once

#include "core/rng.hpp"
#include "fuzz/choices.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>

namespace doks::test {

/// Random numbers in place of a fuzzer's input; without an end unless one is asked for.
class random_choices final : public choices
{
public:
    explicit random_choices(std::uint64_t seed)
        : rng_(seed)
    {}
    /// They end after fewer than `most` choices.
    random_choices(std::uint64_t seed, std::size_t most)
        : rng_(seed)
        , left_(rng_.below(most))
    {}
    std::size_t below(std::size_t bound) override
    {
        left_ -= left_ == 0 ? 0 : 1;
        return rng_.below(bound);
    }
    bool spent() const override { return left_ == 0; }

private:
    core_test::rng rng_;
    std::size_t left_ = std::numeric_limits<std::size_t>::max();
};

}
