#include "cli/tokens/token_lookup.hpp"

#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/secret_input.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace doks::cli {

namespace {

constexpr std::string_view remedy_for_file = "name a readable file that holds the API token and nothing else";

secret token_of(const secret_bytes& bytes, std::string_view where)
{
    secret token(trimmed(view(bytes)));
    require_sendable(token, where);
    return token;
}

secret token_in(std::istream& input, std::string_view where)
{
    const auto bytes = read_all(input);
    if (input.bad()) throw usage_error(where, "it cannot be read", remedy_for_file);
    return token_of(bytes, where);
}

std::string place_of_file(const std::string& file) { return "--token-file " + in_quotes(file); }

secret of_file(const std::string& file)
{
    const auto where = place_of_file(file);
    errno = 0;
    std::ifstream input(file, std::ios::binary);
    if (!input) throw usage_error(where, std::generic_category().message(errno), remedy_for_file);
    return token_in(input, where);
}

secret of_pipe(const std::string& file, piped_token& pipe)
{
    if (!pipe.value.empty()) return pipe.value;
    const auto where = place_of_file(file);
    try {
        pipe.value = token_of(read_pipe(file, std::chrono::ceil<std::chrono::milliseconds>(pipe.patience)), where);
    } catch (const std::system_error& why) {
        const bool late = why.code() == std::errc::timed_out;
        throw usage_error(where, late ? "no token came through it in time" : why.code().message(), remedy_for_file);
    }
    return pipe.value;
}

std::string place_in(const doctl_config& configuration)
{
    return "doctl's configuration " + in_quotes(configuration.where().native());
}

std::optional<secret> of_doctl(const environment& variables)
{
    auto configuration = doctl_config::find(variables);
    if (!configuration) return std::nullopt;
    auto token = configuration->current_token();
    if (token) require_sendable(*token, place_in(*configuration));
    return token;
}

std::string names_of(const std::vector<doctl_context>& contexts)
{
    std::string names;
    for (const doctl_context& each : contexts)
        if (!each.name.empty()) names.append(names.empty() ? "" : ", ").append(printable(each.name));
    return names;
}

void require_usable(const doctl_context& context, const std::string& place)
{
    if (context.name.empty() || context.name.find('\0') != std::string::npos)
        throw usage_error(place, "no command line can hold its name", "give it another name in doctl's configuration");
    if (context.is_ambiguous)
        throw usage_error(place, "it is there twice, in upper and in lower case, which doctl takes for one name",
            "remove one of the two");
    require_sendable(context.token, place);
}

std::string place_of(const context_choice& chosen, const doctl_config& configuration, const std::string& name)
{
    auto place = place_in(configuration) + ", context " + in_quotes(name);
    return chosen.is_from_environment ? "DIGITALOCEAN_CONTEXT: " + place : place;
}

chosen_context known_context(const context_choice& chosen, const doctl_config& configuration, const std::string& name)
{
    const auto place = place_of(chosen, configuration, name);
    const doctl_context* found = configuration.find_context(name);
    if (!found && configuration.contexts().empty())
        throw usage_error(place, "it has no context", "'doctl auth init --context NAME' adds one");
    if (!found)
        throw usage_error(place, "there is none of this name", "choose one of " + names_of(configuration.contexts()));
    try {
        require_usable(*found, place);
    } catch (const cli_error& why) {
        if (!chosen.all) throw;
        return {found->name, {}, why.reason(), why.remedy()};
    }
    return {found->name, found->token, {}, {}};
}

std::string_view asked_by(const context_choice& chosen)
{
    if (chosen.is_from_environment) return "DIGITALOCEAN_CONTEXT";
    return chosen.all ? "--all-contexts" : "--context";
}

struct found_token
{
    secret value;
    bool is_of_file = false;
};

found_token look_for_token(const std::optional<std::string>& token_file, const environment& variables,
    std::istream& standard_input, piped_token& pipe)
{
    if (token_file && *token_file == "-") return {token_in(standard_input, "--token-file - (standard input)")};
    if (token_file && is_read_once(*token_file)) return {of_pipe(*token_file, pipe)};
    if (token_file) return {of_file(*token_file), true};
    for (std::string name : {"DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"}) {
        auto value = variables(name);
        if (!value) continue;
        secret found(*value);
        require_sendable(found, name);
        return {std::move(found)};
    }
    if (auto found = of_doctl(variables)) return {std::move(*found)};
    throw usage_error("API token",
        "there is none in --token-file, DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN or doctl's configuration",
        "make one at https://cloud.digitalocean.com/account/api/tokens and put it into DIGITALOCEAN_TOKEN");
}

}

void require_sendable(const secret& token, std::string_view where)
{
    auto text = token.reveal();
    auto refused = [&](std::string_view why) {
        return usage_error(where, why, "give the token as DigitalOcean showed it, in one piece on one line");
    };
    if (text.empty()) throw refused("it holds no API token");
    if (text.find_first_of("\r\n") != std::string_view::npos) throw refused("the API token has a line break in it");
    auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!std::all_of(text.begin(), text.end(), is_visible))
        throw refused("the API token has a space or another character in it that no token has");
}

bool is_read_once(const std::string& file)
{
    std::error_code absent;
    const auto status = std::filesystem::status(file, absent);
    return std::filesystem::is_fifo(status) || std::filesystem::is_character_file(status);
}

token_source find_token(const std::optional<std::string>& token_file, const environment& variables,
    std::istream& standard_input, piped_token& pipe)
{
    auto found = look_for_token(token_file, variables, standard_input, pipe);
    return found.is_of_file ? doks::token_file(*token_file) : token(std::move(found.value));
}

secret token_now(
    const global_options& global, const environment& variables, std::istream& standard_input, piped_token& pipe)
{
    if (global.contexts.none()) return look_for_token(global.token_file, variables, standard_input, pipe).value;
    return find_contexts(global.contexts, variables).front().token;
}

context_choice contexts_in_use(const global_options& global, const environment& variables)
{
    const auto named = variables("DIGITALOCEAN_CONTEXT");
    if (!global.contexts.none() || global.token_file || !named) return global.contexts;
    auto name = doctl_name(*named);
    const bool has_token = variables("DIGITALOCEAN_TOKEN") || variables("DIGITALOCEAN_ACCESS_TOKEN");
    if (name == "default" && has_token) return {};
    return {{std::move(name)}, false, true};
}

std::optional<std::string> doctl_context_in_use(const environment& variables)
{
    if (variables("DIGITALOCEAN_TOKEN") || variables("DIGITALOCEAN_ACCESS_TOKEN")) return std::nullopt;
    const auto configuration = doctl_config::find(variables);
    if (!configuration || !configuration->find_context(configuration->current())) return std::nullopt;
    return configuration->current();
}

std::vector<chosen_context> find_contexts(const context_choice& chosen, const environment& variables)
{
    auto configuration = doctl_config::find(variables);
    if (!configuration)
        throw usage_error(asked_by(chosen),
            "doctl's configuration " + in_quotes(doctl_config_path(variables).native()) + " cannot be read",
            "run 'doctl auth init', or leave the option out and put the token into DIGITALOCEAN_TOKEN");
    std::vector<std::string> names = chosen.names;
    if (chosen.all)
        for (const doctl_context& each : configuration->contexts()) names.push_back(each.name);
    if (names.empty())
        throw usage_error(place_in(*configuration), "it has no context", "'doctl auth init --context NAME' adds one");
    std::vector<chosen_context> contexts;
    contexts.reserve(names.size());
    for (const std::string& name : names) contexts.push_back(known_context(chosen, *configuration, name));
    return contexts;
}

}
