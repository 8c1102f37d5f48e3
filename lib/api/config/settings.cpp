#include "api/config/settings.hpp"

#include "api/requests.hpp"
#include "core/http/response_headers.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace doks::api {

namespace asio = boost::asio;

namespace {

constexpr std::string_view product = "doks/0.2.0";

/// No character that could end a header line.
bool is_printable(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

/// A literal: a name could be resolved to any address.
bool is_loopback_literal(const std::string& host)
{
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(host, failed);
    return !failed && address.is_loopback();
}

[[noreturn]] void refuse_url(std::string fault)
{
    throw invalid_call("api_url", std::move(fault), "give a URL such as https://api.digitalocean.com");
}

template <class Duration> void positive(const char* field, Duration value)
{
    if (value <= Duration::zero()) throw invalid_call(field, "it is not positive", "give a duration above zero");
}

}

/// Shared by the API's URL and a proxy's, which differ in the signs that names may have.
const char* read_authority(std::string_view authority, std::string_view signs_in_names, net::endpoint& where)
{
    const bool bracketed = !authority.empty() && authority.front() == '[';
    const auto end = bracketed ? authority.find(']') : authority.find(':');
    if (bracketed && end == std::string_view::npos) return "its address lacks a closing bracket";
    where.host = authority.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
    const auto rest = end == std::string_view::npos ? "" : authority.substr(bracketed ? end + 1 : end);
    if (where.host.empty()) return "it names no host";
    const auto fits = [signs = bracketed ? ":" : signs_in_names](char c) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
        return plain || signs.find(c) != std::string_view::npos;
    };
    if (!std::all_of(where.host.begin(), where.host.end(), fits))
        return "its host has characters that no host name has";
    if (rest.empty()) return nullptr;
    const auto port = rest.front() == ':' ? core::parse_count(rest.substr(1)) : std::nullopt;
    if (!port || *port == 0 || *port > 65535) return "its port is not a number from 1 to 65535";
    where.port = static_cast<std::uint16_t>(*port);
    return nullptr;
}

void validate(const client_config& config)
{
    if (config.connections == 0) throw invalid_call("connections", "it is zero", "allow at least one connection");
    if (config.attempts == 0) throw invalid_call("attempts", "it is zero", "allow at least one attempt");
    for (const auto& window : config.rate_limit)
        if (window.limit == 0 || window.per <= core::duration::zero())
            throw invalid_call(
                "rate_limit", "a window allows no request", "give each window a limit and a duration above zero");
    if (!is_printable(config.user_agent))
        throw invalid_call("user_agent", "it has control characters", "use printable ASCII");
    const auto& bounds = config.timeouts;
    positive("timeouts.call", bounds.call);
    positive("timeouts.attempt", bounds.attempt);
    positive("timeouts.pool", bounds.pool);
    positive("timeouts.connect", bounds.connect);
    positive("timeouts.proxy", bounds.proxy);
    positive("timeouts.tls", bounds.tls);
    positive("timeouts.first_byte", bounds.first_byte);
    positive("timeouts.body_idle", bounds.body_idle);
    positive("timeouts.keep_alive", bounds.keep_alive);
    positive("timeouts.connection_life", bounds.connection_life);
}

net::origin parse_api_url(const std::string& url)
{
    net::origin api;
    std::string_view rest = url;
    if (!is_printable(url) || url.find(' ') != std::string::npos) refuse_url("it has spaces or control characters");
    if (rest.substr(0, 8) == "https://")
        rest.remove_prefix(8);
    else if (rest.substr(0, 7) == "http://") {
        rest.remove_prefix(7);
        api.secure = false;
    } else
        refuse_url("it begins neither with https:// nor with http://");
    if (rest.find_first_of("?#") != std::string_view::npos) refuse_url("it has a query or a fragment");
    const auto slash = rest.find('/');
    api.host_field = rest.substr(0, slash);
    if (!api.secure) api.where.port = 80;
    if (const char* const fault = read_authority(api.host_field, "-", api.where)) refuse_url(fault);
    if (slash != std::string_view::npos) api.base_path = rest.substr(slash);
    while (!api.base_path.empty() && api.base_path.back() == '/') api.base_path.pop_back();
    if (!api.secure && !is_loopback_literal(api.where.host))
        throw invalid_call("api_url", "http:// would send the API token in clear text over the network",
            "use https://, or a loopback literal such as http://127.0.0.1:8080 for tests");
    return api;
}

/// Made once for a client. `identity`: an encoded body would have to be inflated within limits of its own.
std::string fixed_header(const net::origin& api, const std::string& user_agent)
{
    std::string header = "Host: " + api.host_field + "\r\nUser-Agent: ";
    if (!user_agent.empty()) header += user_agent + ' ';
    header += product;
    header += "\r\nAccept: application/json, application/yaml\r\nAccept-Encoding: identity\r\n";
    return header;
}

}

namespace doks {

std::string canonical_api_url(const std::string& url)
{
    const auto api = api::parse_api_url(url);
    const auto host = core::lower_case(api.where.host);
    std::string text = api.secure ? "https://" : "http://";
    text += host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (api.where.port != (api.secure ? 443 : 80)) text += ":" + std::to_string(api.where.port);
    return text + api.base_path;
}

}
