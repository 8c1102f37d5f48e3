// What an idle connection of the pool takes: the resident memory with all of `--connections` idle less that with one.

#include "peers/doks_peer.hpp"
#include "peers/resident.hpp"

#include <cstdio>

int main(int argc, char** argv)
{
    const auto what = peers::read_order(argc, argv);
    boost::asio::io_context context(1);
    std::size_t open = 0;
    doks::client_config config;
    config.api_url = "https://" + what.address();
    config.tls.ca_file = what.ca_file;
    config.token = doks::token(what.token);
    config.connections = what.connections;
    config.rate_limit.clear();
    config.observer = [&open](const doks::event& seen) {
        open += std::holds_alternative<doks::connection_opened>(seen) ? 1 : 0;
        open -= std::holds_alternative<doks::connection_closed>(seen) ? 1 : 0;
    };
    const doks::client client(context.get_executor(), config);
    peers::meter by(what);
    const auto worker = [&](std::size_t) { return peers::ask_doks(client, what.cluster_id(), by); };

    by.warm_up();
    peers::run_workers(context, 1, worker);
    const auto open_first = open;
    const auto before = peers::resident_bytes();
    by.warm_up();
    peers::run_workers(context, what.connections, worker);
    const auto grown = static_cast<double>(peers::resident_bytes()) - static_cast<double>(before);
    std::printf("{\"idle_connections\":%zu,\"bytes_per_idle_connection\":%.0f}\n", open,
        grown / static_cast<double>(open - open_first));
    return 0;
}
