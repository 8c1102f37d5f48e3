// libFuzzer's door to kubeconfigs that are read and edited: see test/README.md.

#include "fuzz/config_round_trip.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    doks::test::input from(data, size);
    doks::test::config_round_trip one(from);
    const auto wrong = one.run();
    if (wrong.empty()) return 0;
    std::fprintf(stderr, "%s\n--- of\n%s\n---\n", wrong.c_str(), one.text().c_str());
    std::abort();
}
