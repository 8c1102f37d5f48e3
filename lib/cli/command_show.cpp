#include "cli/accounts.hpp"
#include "cli/cluster_reference.hpp"
#include "cli/commands.hpp"

#include <string>

namespace doks::cli {

namespace {

boost::asio::awaitable<std::string> id_of(const std::string& reference, const client& api)
{
    if (is_uuid(reference)) co_return kube::canonical_id(reference);
    try {
        auto found = co_await api.find_cluster(reference);
        co_return found.id;
    } catch (const failure& why) {
        if (why == errc::no_such_cluster || why == errc::ambiguous_name) throw named_wrongly(reference, why);
        throw;
    }
}

}

boost::asio::awaitable<exit_status> run(show_command what, const global_options& global, surroundings& around)
{
    auto from = make_accounts(global, around);
    const client api = from.each.front();
    auto id = co_await id_of(what.reference, api);
    call_options options;
    options.expiry = what.expiry;
    options.type = what.type;
    auto config = co_await api.kubeconfig(id, options);
    config.kind();
    print_result(config.bytes());
    if (config.expiry_ignored())
        around.log.line("doks: --expiry had no effect: this cluster's version uses certificates, which have their own");
    co_return exit_status::done;
}

}
