#include "cli/clusters/accounts.hpp"

#include "cli/clusters/path_segment.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/process/open_files.hpp"
#include "cli/tokens/token_lookup.hpp"

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

/// With fewer requests under way a slow API could not use up the quota.
constexpr std::size_t least_share = 8;

/// The client names the field of its configuration; the user knows it as an option.
template <class Make> auto with_its_option(Make make)
{
    try {
        return make();
    } catch (const failure& why) {
        if (why.record().operation != "api_url") throw;
        throw usage_error("--api-url (or DIGITALOCEAN_API_URL)", why.detail(), why.record().remedy);
    }
}

/// Every call with this token fails with the fault of its context.
token_source unusable_token(const chosen_context& of)
{
    const failure fault(errc::no_token, "API token", of.fault, of.remedy);
    return token_coroutine([fault]() -> boost::asio::awaitable<secret> {
        throw fault;
        co_return secret();
    });
}

}

client_config configuration_of(const global_options& global, const environment& variables)
{
    client_config config;
    config.user_agent = "doks-cli";
    if (auto url = variables("DIGITALOCEAN_API_URL")) config.api_url = *url;
    if (global.api_url) config.api_url = *global.api_url;
    if (global.ca_file) config.tls.ca_file = *global.ca_file;
    config.proxy.from_environment = !global.proxy || *global.proxy == "environment";
    if (!config.proxy.from_environment && *global.proxy != "none") config.proxy.url = *global.proxy;
    if (global.connections) config.connections = *global.connections;
    if (global.rate_limit) config.rate_limit = *global.rate_limit;
    if (global.attempts) config.attempts = *global.attempts;
    if (global.timeout) config.timeouts.call = *global.timeout;
    return config;
}

std::string api_address(const global_options& global, const environment& variables)
{
    constexpr std::string_view secure = "https://";
    const auto url = configuration_of(global, variables).api_url;
    auto address = with_its_option([&] { return canonical_api_url(url); });
    return address.starts_with(secure) ? address.substr(secure.size()) : address;
}

account_set make_account(client_config config, const global_options& global, command_context& context)
{
    account_set made;
    made.wanted_connections = config.connections;
    config.connections = std::min(config.connections, connections_with_room_for_files());
    made.latency = std::make_shared<latency_meter>();
    made.connections = config.connections;
    made.limits = config.rate_limit;
    config.observer = make_observer(context.log, global.trace, made.latency);
    made.clients.push_back(with_its_option([&] { return client(context.executor, std::move(config)); }));
    return made;
}

account_set make_accounts(const global_options& global, command_context& context)
{
    auto config = configuration_of(global, context.variables);
    if (global.contexts.none()) {
        config.token = find_token(global.token_file, context.variables, context.standard_input, context.pipe);
        return make_account(std::move(config), global, context);
    }
    auto contexts = find_contexts(global.contexts, context.variables);
    auto made = make_account(std::move(config), global, context);
    const client base = std::exchange(made.clients, {}).front();
    for (chosen_context& each : contexts) {
        auto source = each.fault.empty() ? token(std::move(each.token)) : unusable_token(each);
        made.clients.push_back(base.with(std::move(source), std::move(each.name)));
    }
    made.several = global.contexts.several();
    return made;
}

bulk_options sole_user_options(const account_set& accounts)
{
    bulk_options options;
    options.in_flight =
        std::min(accounts.connections, std::max(least_share, accounts.connections / accounts.clients.size()));
    options.reserved_slots = 0;
    return options;
}

directories open_directories(const account_set& accounts, const std::filesystem::path& out)
{
    directories opened;
    for (const client& each : accounts.clients)
        opened.emplace(each.label(), kubeconfig_directory(accounts.several ? out / path_segment(each.label()) : out));
    return opened;
}

}
