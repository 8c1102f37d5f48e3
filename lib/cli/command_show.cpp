#include "cli/cluster_reference.hpp"
#include "cli/commands.hpp"

#include <string>

namespace doks::cli {

namespace {

boost::asio::awaitable<std::string> id_of(const std::string& reference, const client& api)
{
    if (is_uuid(reference)) co_return reference;
    auto clusters = co_await api.clusters();
    co_return id_by_name(clusters, reference);
}

}

boost::asio::awaitable<exit_status> run(show_command what, const global_options& global, surroundings& around)
{
    auto watched = make_client(global, around);
    auto id = co_await id_of(what.reference, watched.api);
    call_options options;
    options.expiry = what.expiry;
    options.type = what.type;
    auto config = co_await watched.api.kubeconfig(id, options);
    config.kind();
    print_result(config.bytes());
    if (config.expiry_ignored())
        around.log.line("doks: --expiry had no effect: this cluster's version uses certificates, which have their own");
    co_return exit_status::done;
}

}
