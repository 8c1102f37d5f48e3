// The SDK: `co_await client.kubeconfig(id)` with all of its layers, but without a local limit.

#include "peers/doks_peer.hpp"

int main(int argc, char** argv) { return peers::run_doks(argc, argv, "doks", {}); }
