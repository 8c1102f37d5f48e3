#pragma once

#include <cstddef>
#include <cstdint>

namespace doks::test {

/// Where choices come from: a fuzzer's input, or random numbers.
class choices
{
public:
    virtual ~choices() = default;
    virtual std::size_t below(std::size_t bound) = 0;
    /// Nothing is left to choose from.
    virtual bool spent() const = 0;
};

/// libFuzzer's bytes, one for each choice, and two for a large one.
class input final : public choices
{
public:
    input(const std::uint8_t* data, std::size_t size)
        : at_(data)
        , end_(data + size)
    {}
    std::size_t below(std::size_t bound) override
    {
        std::size_t value = next();
        if (bound > 256) value = value << 8 | next();
        return value % bound;
    }
    bool spent() const override { return at_ == end_; }

private:
    std::size_t next() { return at_ == end_ ? 0 : *at_++; }

    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

}
