#include "cli/clusters/accounts.hpp"
#include "cli/clusters/cluster_reference.hpp"
#include "cli/commands/commands.hpp"

#include <string>
#include <utility>
#include <vector>

namespace doks::cli {

boost::asio::awaitable<exit_status> run(show_command command, const global_options& global, command_context& context)
{
    auto accounts = make_accounts(global, context);
    const client api = accounts.clients.front();
    std::vector<std::string> references;
    references.push_back(std::move(command.reference));
    const auto named = co_await named_clusters(std::move(references), api);
    call_options options;
    options.expiry = command.expiry.value_or(std::chrono::seconds(0));
    options.type = command.type;
    auto config = co_await api.kubeconfig(named.front().id, options);
    config.kind();
    print_result(config.bytes());
    if (config.expiry_ignored())
        context.log.line(
            "doks: --expiry had no effect: this cluster's version uses certificates, which have their own");
    co_return exit_status::done;
}

}
