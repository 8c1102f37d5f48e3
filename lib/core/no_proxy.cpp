#include "core/no_proxy.hpp"

#include "core/http/response_headers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <arpa/inet.h>

namespace doks::core {

namespace {

/// An address of either family, as bytes; IPv4 within IPv6.
struct address
{
    std::array<unsigned char, 16> bytes{};
    bool is_fourth = false;
};

std::optional<address> address_of(std::string_view text)
{
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    const std::string terminated(text);
    address found;
    if (::inet_pton(AF_INET6, terminated.c_str(), found.bytes.data()) == 1) return found;
    found.is_fourth = true;
    found.bytes[10] = found.bytes[11] = 0xff;
    if (::inet_pton(AF_INET, terminated.c_str(), found.bytes.data() + 12) == 1) return found;
    return std::nullopt;
}

bool same_network(const address& a, const address& b, std::size_t bits)
{
    for (std::size_t i = 0; i < bits; ++i) {
        const unsigned mask = 0x80U >> (i % 8);
        if ((a.bytes[i / 8] & mask) != (b.bytes[i / 8] & mask)) return false;
    }
    return true;
}

bool names_address(std::string_view entry, const address& host)
{
    const auto slash = entry.find('/');
    const auto named = address_of(entry.substr(0, slash));
    if (!named) return false;
    if (slash == std::string_view::npos) return named->bytes == host.bytes;
    const auto bits = parse_count(entry.substr(slash + 1));
    const std::size_t widest = named->is_fourth ? 32 : 128;
    return bits && *bits <= widest && named->is_fourth == host.is_fourth &&
           same_network(*named, host, static_cast<std::size_t>(*bits) + (128 - widest));
}

bool names_host(std::string_view entry, std::string_view host)
{
    if (entry.substr(0, 2) == "*.") entry.remove_prefix(1);
    if (entry.substr(0, 1) == ".") entry.remove_prefix(1);
    if (!entry.empty() && entry.back() == '.') entry.remove_suffix(1);
    if (entry.empty() || entry.size() > host.size()) return false;
    const auto end = host.substr(host.size() - entry.size());
    return same_name(end, entry) && (end.size() == host.size() || host[host.size() - end.size() - 1] == '.');
}

/// Takes `:443` off the entry; false where it is another port.
bool is_of_port(std::string_view& entry, std::uint16_t port)
{
    const auto colon = entry.rfind(':');
    if (colon == std::string_view::npos || address_of(entry)) return true;
    const auto number = parse_count(entry.substr(colon + 1));
    if (!number) return true;
    entry = entry.substr(0, colon);
    return *number == port;
}

bool names(std::string_view entry, std::string_view host, std::uint16_t port)
{
    if (entry == "*") return true;
    if (!is_of_port(entry, port)) return false;
    if (const auto literal = address_of(host)) return names_address(entry, *literal);
    return names_host(entry, host);
}

}

bool bypasses_proxy(std::string_view list, std::string_view host, std::uint16_t port)
{
    constexpr std::string_view separators = ", \t";
    if (!host.empty() && host.back() == '.') host.remove_suffix(1);
    for (std::size_t at = 0; at < list.size();) {
        const auto end = (std::min)(list.find_first_of(separators, at), list.size());
        if (end > at && names(list.substr(at, end - at), host, port)) return true;
        at = end + 1;
    }
    return false;
}

}
