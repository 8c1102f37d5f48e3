#include "kubeconfig/read/server_key.hpp"

#include "kubeconfig/read/ascii.hpp"
#include "kubeconfig/read/text_precheck.hpp"

#include <algorithm>

namespace doks::kube {

namespace {

constexpr std::string_view domain = ".k8s.ondigitalocean.com";
constexpr std::string_view separator = "://";
constexpr std::size_t uuid_size = 36;

/// What a URL is made of; one without a scheme begins with its authority.
struct url_parts
{
    std::string_view scheme;
    std::string_view user; ///< with its `@`
    std::string_view host; ///< without its last dot
    std::string_view port;
    std::string_view path; ///< and what is behind it
};

/// By hand and for any text: what kubectl accepts as a server need not be a valid URL.
url_parts parts_of(std::string_view url)
{
    url_parts parts;
    if (const auto end = url.find(separator); end != url.npos) {
        parts.scheme = url.substr(0, end);
        url.remove_prefix(end + separator.size());
    }
    auto authority = url.substr(0, url.find_first_of("/?#"));
    parts.path = url.substr(authority.size());
    parts.user = authority.substr(0, authority.rfind('@') + 1);
    authority.remove_prefix(parts.user.size());
    const auto bracket = authority.rfind(']'); // of an IPv6 address
    const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
    parts.host = authority.substr(0, colon);
    if (parts.host.ends_with('.')) parts.host.remove_suffix(1);
    if (colon != authority.npos) parts.port = authority.substr(colon + 1);
    return parts;
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
    if (!is_url(url)) return std::string(url);
    const auto parts = parts_of(url);
    std::string key = lowered(parts.scheme);
    const std::string_view usual_port = key == "http" ? "80" : "443";
    key.append(separator).append(parts.user).append(lowered(parts.host)).append(":");
    return key.append(parts.port.empty() ? usual_port : parts.port).append(without_slashes(parts.path));
}

named_cluster cluster_of(std::string_view url)
{
    constexpr std::string_view folder = "/clusters/";
    const auto parts = parts_of(url);
    if (parts.user.empty() && parts.host.size() == uuid_size + domain.size() &&
        is_same(parts.host.substr(uuid_size), domain))
        return {parts.host.substr(0, uuid_size), parts.host};
    if (is_url(url)) url.remove_prefix(parts.scheme.size() + separator.size());
    url = without_slashes(url);
    const auto at = url.rfind(folder);
    if (at == url.npos) return {};
    return {url.substr(at + folder.size()), url};
}

bool is_uuid(std::string_view text) noexcept
{
    if (text.size() != uuid_size) return false;
    for (std::size_t i = 0; i < uuid_size; ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(lower(text[i]))) return false;
    }
    return true;
}

/// In place: a warm call allocates nothing here.
std::string canonical_id(std::string id)
{
    if (is_uuid(id)) std::transform(id.begin(), id.end(), id.begin(), &lower);
    return id;
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
    const auto [scheme, user, host, port, path] = parts_of(url);
    const auto is_of_label = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.'; };
    return user.empty() && std::all_of(host.begin(), host.end(), is_of_label) && host.size() > domain.size() &&
           is_same(host.substr(host.size() - domain.size()), domain);
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
