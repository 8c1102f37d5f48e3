// The SDK behind a gate whose limit is never reached.

#include "peers/doks_peer.hpp"

int main(int argc, char** argv)
{
    return peers::run_doks(argc, argv, "doks_gated", {{10'000'000, std::chrono::seconds(1)}});
}
