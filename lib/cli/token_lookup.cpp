#include "cli/token_lookup.hpp"

#include "cli/doctl_config.hpp"
#include "cli/problem.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace doks::cli {

namespace {

constexpr std::size_t largest_file = std::size_t(1) << 20;
constexpr std::string_view remedy_for_file = "name a readable file that holds the API token and nothing else";

secret_bytes read_all(std::istream& input)
{
    secret_bytes bytes;
    std::array<char, 4096> piece;
    while (bytes.size() <= largest_file && (input.read(piece.data(), piece.size()) || input.gcount() > 0))
        bytes.insert(bytes.end(), piece.data(), piece.data() + input.gcount());
    wipe(piece.data(), piece.size());
    return bytes;
}

std::string_view view(const secret_bytes& bytes) { return {bytes.data(), bytes.size()}; }

secret token_in(std::istream& input, std::string_view where)
{
    auto bytes = read_all(input);
    if (input.bad()) throw usage_problem(where, "it cannot be read", remedy_for_file);
    secret token(trimmed(view(bytes)));
    require_sendable(token, where);
    return token;
}

token_source of_file(const std::string& file)
{
    auto where = "--token-file " + in_quotes(file);
    errno = 0;
    std::ifstream input(file, std::ios::binary);
    if (!input) throw usage_problem(where, std::generic_category().message(errno), remedy_for_file);
    token_in(input, where);
    return doks::token_file(file);
}

std::optional<secret> of_doctl(const environment& variables)
{
    auto path = doctl_config_path(variables);
    std::ifstream input(path, std::ios::binary);
    if (path.empty() || !input) return std::nullopt;
    auto bytes = read_all(input);
    auto token = token_of_doctl(view(bytes), path);
    if (token) require_sendable(*token, "doctl's configuration " + in_quotes(path.native()));
    return token;
}

}

void require_sendable(const secret& token, std::string_view where)
{
    auto text = token.reveal();
    auto refused = [&](std::string_view why) {
        return usage_problem(where, why, "give the token as DigitalOcean showed it, in one piece on one line");
    };
    if (text.empty()) throw refused("it holds no API token");
    if (text.find_first_of("\r\n") != std::string_view::npos) throw refused("the API token has a line break in it");
    auto is_visible = [](char c) { return c > 0x20 && c < 0x7f; };
    if (!std::all_of(text.begin(), text.end(), is_visible))
        throw refused("the API token has a space or another character in it that no token has");
}

token_source find_token(
    const std::optional<std::string>& token_file, const environment& variables, std::istream& standard_input)
{
    if (token_file && *token_file == "-") return token(token_in(standard_input, "--token-file - (standard input)"));
    if (token_file) return of_file(*token_file);
    for (std::string name : {"DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"}) {
        auto value = variables(name);
        if (!value) continue;
        secret found(*value);
        require_sendable(found, name);
        return token(std::move(found));
    }
    if (auto found = of_doctl(variables)) return token(std::move(*found));
    throw usage_problem("API token",
        "there is none in --token-file, DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN or doctl's configuration",
        "make one at https://cloud.digitalocean.com/account/api/tokens and put it into DIGITALOCEAN_TOKEN");
}

}
