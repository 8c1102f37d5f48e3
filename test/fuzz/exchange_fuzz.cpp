// libFuzzer's door to an exchange: see test/README.md.

#include "fuzz/exchange.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

class input final : public doks::test::choices
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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    input from(data, size);
    const auto wrong = doks::test::exchange(from).run();
    if (wrong.empty()) return 0;
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
}
