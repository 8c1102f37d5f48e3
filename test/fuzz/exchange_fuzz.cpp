// libFuzzer's door to an exchange: see test/README.md.

#include "fuzz/exchange.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    doks::test::input from(data, size);
    const auto wrong = doks::test::exchange(from).run();
    if (wrong.empty()) return 0;
    std::fprintf(stderr, "%s\n", wrong.c_str());
    std::abort();
}
