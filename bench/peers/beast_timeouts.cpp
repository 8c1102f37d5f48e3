// A hand-written loop over Beast as most programs have it: `tcp_stream`, an expiry for each request, `any_io_executor`.

#include "peers/beast_line.hpp"

int main(int argc, char** argv) { return peers::run_beast<boost::beast::tcp_stream>(argc, argv, "beast_timeouts"); }
