#include "cli/surroundings.hpp"

#include "cli/problem.hpp"
#include "cli/token_lookup.hpp"

#include <utility>

namespace doks::cli {

namespace {

/// The client names the field of its configuration; whoever called this program knows it as an option.
client made_by(boost::asio::any_io_executor executor, client_config config)
{
    try {
        return client(std::move(executor), std::move(config));
    } catch (const failure& why) {
        if (why.record().operation != "api_url") throw;
        throw usage_problem("--api-url (or DIGITALOCEAN_API_URL)", why.detail(), why.record().remedy);
    }
}

}

client_config configuration_of(const global_options& global, const environment& variables)
{
    client_config config;
    config.user_agent = "doks-cli";
    if (auto url = variables("DIGITALOCEAN_API_URL")) config.api_url = *url;
    if (global.api_url) config.api_url = *global.api_url;
    if (global.ca_file) config.tls.ca_file = *global.ca_file;
    config.proxy.from_environment = global.proxy == "environment";
    if (global.proxy && !config.proxy.from_environment) config.proxy.url = *global.proxy;
    if (global.connections) config.connections = *global.connections;
    if (global.rate_limit) config.rate_limit = *global.rate_limit;
    if (global.attempts) config.attempts = *global.attempts;
    if (global.timeout) config.timeouts.call = *global.timeout;
    return config;
}

watched_client make_client(client_config config, const global_options& global, surroundings& around)
{
    auto seen = std::make_shared<traffic>(config.rate_limit);
    auto connections = config.connections;
    config.observer = watch(around.log, global.trace, seen);
    return {made_by(around.executor, std::move(config)), std::move(seen), connections};
}

watched_client make_client(const global_options& global, surroundings& around)
{
    auto config = configuration_of(global, around.variables);
    config.token = find_token(global.token_file, around.variables, around.standard_input);
    return make_client(std::move(config), global, around);
}

}
