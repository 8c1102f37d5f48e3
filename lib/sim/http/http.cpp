#include "sim/http/http.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace doks::sim {

namespace {

constexpr std::size_t most_header_bytes = std::size_t(64) * 1024;
constexpr std::size_t most_body_bytes = std::size_t(4) * 1024 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return lower(c); });
    return result;
}

std::string_view trim(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string decode(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool escaped = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
        if (!escaped) {
            result += text[i];
            continue;
        }
        result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
        i += 2;
    }
    return result;
}

std::vector<std::string_view> split(std::string_view text, char at)
{
    std::vector<std::string_view> parts;
    while (true) {
        std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

void take_target(http_request& request)
{
    std::string_view target = request.target;
    std::size_t mark = target.find('?');
    std::string_view path = target.substr(0, mark);
    if (path.starts_with('/')) path.remove_prefix(1);
    for (std::string_view segment : split(path, '/')) request.segments.push_back(decode(segment));
    if (mark == target.npos) return;
    for (std::string_view item : split(target.substr(mark + 1), '&')) {
        std::size_t equals = item.find('=');
        std::string_view value = equals == item.npos ? std::string_view{} : item.substr(equals + 1);
        if (!item.empty()) request.query.emplace_back(decode(item.substr(0, equals)), decode(value));
    }
}

bool take_request_line(std::string_view line, http_request& request)
{
    std::size_t first = line.find(' ');
    std::size_t last = line.rfind(' ');
    if (first == line.npos || first == last || first == 0) return false;
    std::string_view version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, last - first - 1);
    request.keep_alive = version == "HTTP/1.1";
    auto printable = [](char c) { return c > ' ' && c < 127; };
    if (!request.target.starts_with('/') || !std::all_of(request.target.begin(), request.target.end(), printable))
        return false;
    take_target(request);
    return true;
}

bool take_header_line(std::string_view line, http_request& request)
{
    std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0) return false;
    std::string_view name = line.substr(0, colon);
    auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t'; };
    if (name.find_first_of(" \t") != name.npos || std::any_of(line.begin(), line.end(), control)) return false;
    request.headers.emplace_back(lower(name), trim(line.substr(colon + 1)));
    return true;
}

bool take_head(std::string_view head, http_request& request)
{
    std::size_t end = head.find("\r\n");
    if (!take_request_line(head.substr(0, end), request)) return false;
    head.remove_prefix(end + 2);
    while (!head.empty()) {
        end = head.find("\r\n");
        if (!take_header_line(head.substr(0, end), request)) return false;
        head.remove_prefix(end + 2);
    }
    std::string connection = lower(request.header("connection"));
    if (connection == "close") request.keep_alive = false;
    if (connection == "keep-alive") request.keep_alive = true;
    return !request.header("host").empty() && request.header("transfer-encoding").empty();
}

std::optional<std::size_t> body_length(const http_request& request)
{
    std::string_view text = request.header("content-length");
    std::size_t length = 0;
    if (text.empty()) return length;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc{} || end != text.data() + text.size() || length > most_body_bytes) return std::nullopt;
    return length;
}

std::string_view reason(unsigned status)
{
    static constexpr std::array<std::pair<unsigned, std::string_view>, 22> reasons{{
        {200, "OK"},
        {201, "Created"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Entity"},
        {425, "Too Early"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    }};
    for (const auto& [code, text] : reasons)
        if (code == status) return text;
    return "Unknown";
}

std::string chunks_of(std::string_view body)
{
    constexpr std::size_t most = 1024;
    std::string result;
    while (!body.empty()) {
        std::string_view chunk = body.substr(0, most);
        std::array<char, 16> size;
        auto end = std::to_chars(size.data(), size.data() + size.size(), chunk.size(), 16).ptr;
        result.append(size.data(), end).append("\r\n").append(chunk).append("\r\n");
        body.remove_prefix(chunk.size());
    }
    return result.append("0\r\n\r\n");
}

}

std::string_view http_request::header(std::string_view name) const
{
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

std::optional<std::string> http_request::parameter(std::string_view name) const
{
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

std::string_view http_request::bearer() const
{
    std::string_view value = header("authorization");
    if (lower(value.substr(0, 7)) != "bearer ") return {};
    return trim(value.substr(7));
}

parsing parse_request(std::string_view received, http_request& request, std::size_t& consumed)
{
    std::size_t end = received.find("\r\n\r\n");
    if (end == received.npos) return received.size() > most_header_bytes ? parsing::broken : parsing::incomplete;
    request = http_request{};
    if (!take_head(received.substr(0, end + 2), request)) return parsing::broken;
    auto length = body_length(request);
    if (!length) return parsing::broken;
    if (received.size() - (end + 4) < *length) return parsing::incomplete;
    request.body = received.substr(end + 4, *length);
    consumed = end + 4 + *length;
    return parsing::complete;
}

std::string serialise(const http_response& response, framing framing)
{
    std::string text;
    text.reserve(512 + response.body.size());
    text.append("HTTP/1.1 ")
        .append(std::to_string(response.status))
        .append(" ")
        .append(reason(response.status))
        .append("\r\n");
    auto add = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
    };
    add("content-type", response.content_type);
    for (const auto& [name, value] : response.headers) add(name, value);
    if (framing.chunked)
        add("transfer-encoding", "chunked");
    else
        add("content-length", std::to_string(response.body.size()));
    add("connection", framing.close ? "close" : "keep-alive");
    text.append("\r\n");
    return framing.chunked ? text.append(chunks_of(response.body)) : text.append(response.body);
}

}
