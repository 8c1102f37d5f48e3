#include "kubeconfig/server_key.hpp"

#include "kubeconfig/ascii.hpp"
#include "kubeconfig/screen.hpp"

#include <algorithm>

namespace doks::kube {

namespace {

constexpr std::string_view domain = ".k8s.ondigitalocean.com";
constexpr std::string_view separator = "://";
constexpr std::size_t uuid_size = 36;

/// Behind the brackets of an IPv6 address, if there are any.
std::string_view::size_type port_colon(std::string_view authority)
{
    const auto bracket = authority.rfind(']');
    return authority.find(':', bracket == authority.npos ? 0 : bracket);
}

std::string_view without_slashes(std::string_view text)
{
    while (text.ends_with('/')) text.remove_suffix(1);
    return text;
}

/// What tells the names of two servers apart: `-<8 digits>`, or nothing where the URL names no UUID.
std::string mark_of(std::string_view server)
{
    constexpr std::size_t digits = 8;
    const auto id = cluster_id_of(server);
    return id.empty() ? std::string() : '-' + id.substr(0, digits);
}

}

bool is_url(std::string_view text) noexcept { return text.find(separator) != text.npos; }

std::string server_key(std::string_view url)
{
    const auto scheme_end = url.find(separator);
    if (scheme_end == url.npos) return std::string(url);
    std::string key = lowered(url.substr(0, scheme_end));
    const std::string_view usual_port = key == "http" ? "80" : "443";
    const auto rest = url.substr(scheme_end + separator.size());
    const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
    const auto authority = rest.substr(0, authority_end);
    const auto user_end = authority.rfind('@');
    const auto place = user_end == authority.npos ? authority : authority.substr(user_end + 1);
    const auto colon = port_colon(place);
    auto host = place.substr(0, colon);
    if (host.ends_with('.')) host.remove_suffix(1);
    auto port = colon == place.npos ? std::string_view() : place.substr(colon + 1);
    if (port.empty()) port = usual_port;
    key.append(separator)
        .append(authority.substr(0, authority.size() - place.size()))
        .append(lowered(host))
        .append(":")
        .append(port);
    return key.append(without_slashes(rest.substr(authority_end)));
}

named_cluster cluster_of(std::string_view url)
{
    constexpr std::string_view folder = "/clusters/";
    if (const auto scheme = url.find(separator); scheme != url.npos) url.remove_prefix(scheme + separator.size());
    url = without_slashes(url);
    const auto host = url.substr(0, url.find_first_of(":/"));
    if (host.size() == uuid_size + domain.size() && is_same(host.substr(uuid_size), domain))
        return {host.substr(0, uuid_size), host};
    const auto at = url.rfind(folder);
    if (at == url.npos) return {};
    return {url.substr(at + folder.size()), url};
}

bool is_uuid(std::string_view text) noexcept
{
    if (text.size() != uuid_size) return false;
    for (std::size_t i = 0; i < uuid_size; ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = lower(text[i]);
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

std::string cluster_id_of(std::string_view url)
{
    const auto named = cluster_of(url);
    return is_uuid(named.uuid) ? lowered(named.uuid) : std::string();
}

std::string with_digits(std::string_view name, std::string_view server) { return std::string(name) + mark_of(server); }

std::string_view without_digits(std::string_view name, std::string_view server)
{
    const auto mark = mark_of(server);
    return name.ends_with(mark) ? name.substr(0, name.size() - mark.size()) : name;
}

bool is_digitalocean(std::string_view url)
{
    if (const auto scheme = url.find(separator); scheme != url.npos) url.remove_prefix(scheme + separator.size());
    const auto authority = url.substr(0, std::min(url.find_first_of("/?#"), url.size()));
    if (authority.find('@') != authority.npos) return false;
    auto host = authority.substr(0, port_colon(authority));
    if (host.ends_with('.')) host.remove_suffix(1);
    const auto is_label = [](char c) {
        return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (!std::all_of(host.begin(), host.end(), [&](char c) { return c == '.' || is_label(c); })) return false;
    return host.size() > domain.size() && is_same(host.substr(host.size() - domain.size()), domain);
}

std::string shown_text(std::string_view text)
{
    constexpr std::size_t longest = 120;
    if (!is_printable(text)) return "(unprintable)";
    return text.size() <= longest ? std::string(text) : "(long)";
}

std::string shown_url(std::string_view url)
{
    const auto scheme = url.find(separator);
    const auto begin = scheme == url.npos ? 0 : scheme + separator.size();
    const auto end = std::min(url.find_first_of("/?#", begin), url.size());
    const auto at = url.rfind('@');
    if (at == url.npos) return shown_text(url.substr(0, url.find('?')));
    // A password may hold what ends it for others.
    if (at < begin || at > end) return "...";
    return shown_text(std::string(url.substr(0, begin)) + "..." + std::string(url.substr(at, url.find('?') - at)));
}

}
