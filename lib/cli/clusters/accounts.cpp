#include "cli/clusters/accounts.hpp"

#include "cli/clusters/path_segment.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/process/open_files.hpp"
#include "cli/tokens/token_lookup.hpp"

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

/// With fewer under way even a slow API's answers would not use the quota up.
constexpr std::size_t least_share = 8;

/// The client names the field of its configuration; whoever called this program knows it as an option.
template <class Make> auto with_its_option(Make make)
{
    try {
        return make();
    } catch (const failure& why) {
        if (why.record().operation != "api_url") throw;
        throw usage_error("--api-url (or DIGITALOCEAN_API_URL)", why.detail(), why.record().remedy);
    }
}

/// Its calls fail, and say why this context's do.
token_source unusable_token(const chosen_context& of)
{
    failure_record record;
    record.code = errc::no_token;
    record.operation = "API token";
    record.detail = of.fault;
    record.remedy = of.remedy;
    return token_coroutine([why = failure(std::move(record))]() -> boost::asio::awaitable<secret> {
        throw why;
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

accounts make_account(client_config config, const global_options& global, command_context& around)
{
    accounts made;
    made.wanted_connections = config.connections;
    config.connections = std::min(config.connections, connections_with_room_for_files());
    made.seen = std::make_shared<latency_meter>();
    made.connections = config.connections;
    made.limits = config.rate_limit;
    config.observer = watch(around.log, global.trace, made.seen);
    made.each.push_back(with_its_option([&] { return client(around.executor, std::move(config)); }));
    return made;
}

accounts make_accounts(const global_options& global, command_context& around)
{
    auto config = configuration_of(global, around.variables);
    if (global.contexts.none()) {
        config.token = find_token(global.token_file, around.variables, around.standard_input, around.pipe);
        return make_account(std::move(config), global, around);
    }
    auto contexts = find_contexts(global.contexts, around.variables);
    auto made = make_account(std::move(config), global, around);
    const client base = std::exchange(made.each, {}).front();
    for (chosen_context& each : contexts) {
        auto source = each.fault.empty() ? token(std::move(each.token)) : unusable_token(each);
        made.each.push_back(base.with(std::move(source), std::move(each.name)));
    }
    made.several = global.contexts.several();
    return made;
}

bulk_options sole_user_options(const accounts& from)
{
    bulk_options options;
    options.in_flight = std::min(from.connections, std::max(least_share, from.connections / from.each.size()));
    options.reserved_slots = 0;
    return options;
}

directories open_directories(const accounts& from, const std::filesystem::path& out)
{
    directories opened;
    for (const client& each : from.each)
        opened.emplace(each.label(), kubeconfig_directory(from.several ? out / path_segment(each.label()) : out));
    return opened;
}

}
