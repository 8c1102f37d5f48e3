#include "net/pool/response_reader/framing_table.hpp"

#include <cstdio>

// The framing table, first part: status lines, header fields, lengths; and the names of its verdicts.

namespace doks::test {

using enum verdict;
using enum ending;
using namespace std::string_view_literals;

namespace {

constexpr framing_vector heads[] = {
    {"a length", "{H}{L}{E}", kept},
    {"names and values in any case", "{H}CONTENT-length:\t{N} \t\r\n{E}", kept},
    {"no white space behind the colon", "{H}Content-Length:{N}\r\n{E}", kept},
    {"an empty reason", "HTTP/1.1 200 \r\n{L}{E}", kept},
    {"a reason beyond ASCII", "HTTP/1.1 200 \xc3\xa9t\xc3\xa9\r\n{L}{E}", kept},
    {"a reason of spaces", "HTTP/1.1 200    \r\n{L}{E}", kept},
    {"an empty field", "{H}X-Empty:\r\n{L}{E}", kept},
    {"a value beyond ASCII", "{H}X: \xff\xfe\x80\r\n{L}{E}", kept},
    {"fields that resemble", "{H}X-Content-Length: 1\r\nContent-Length-X: 2\r\nTransfer-Encodings: gzip\r\n{L}{E}",
        kept},
    {"a hundred fields of one name", "{H}{100}{L}{E}", kept},
    {"keep-alive spelled out", "{H}Connection: keep-alive\r\n{L}{E}", kept},
    {"an empty connection list", "{H}Connection:\r\n{L}{E}", kept},
    {"an unknown option", "{H}Connection: cow\r\n{L}{E}", kept},
    {"a keep-alive without time", "{H}Keep-Alive: timeout=0, max=0\r\n{L}{E}", kept},
    {"close", "{H}Connection: close\r\n{L}{E}", used_up},
    {"close in capitals", "{H}CONNECTION: CLOSE\r\n{L}{E}", used_up},
    {"close behind keep-alive", "{H}Connection: keep-alive, close\r\n{L}{E}", used_up},
    {"close before keep-alive", "{H}Connection: close, keep-alive\r\n{L}{E}", used_up},
    {"close in the second field", "{H}Connection: keep-alive\r\nConnection: close\r\n{L}{E}", used_up},
    {"close in the first field", "{H}Connection: close\r\n{L}Connection: keep-alive\r\n{E}", used_up},
    {"close in a list with holes", "{H}Connection: ,, close ,\r\n{L}{E}", used_up},
    {"close, and closed", "{H}Connection: close\r\n{L}{E}", used_up, closes},
    {"HTTP/1.0", "HTTP/1.0 200 OK\r\n{L}{E}", used_up},
    {"HTTP/1.0 that would be kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n{L}{E}", used_up},
    {"HTTP/1.0 that ends by closing", "HTTP/1.0 200 OK\r\n{E}", used_up, closes},
    {"HTTP/1.0 in chunks", "HTTP/1.0 200 OK\r\n{T}\r\n{C}{Z}"},
    {"HTTP/0.9", "{B}", malformed, closes},
    {"HTTP/1.2", "HTTP/1.2 200 OK\r\n{L}{E}"},
    {"HTTP/1.10", "HTTP/1.10 200 OK\r\n{L}{E}"},
    {"HTTP/2.0", "HTTP/2.0 200 OK\r\n{L}{E}"},
    {"HTTP/0.1", "HTTP/0.1 200 OK\r\n{L}{E}"},
    {"HTTP/2 by its short name", "HTTP/2 200\r\n{L}{E}"},
    {"http in small letters", "http/1.1 200 OK\r\n{L}{E}"},
    {"ICY", "ICY 200 OK\r\n{L}{E}"},
    {"HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"HTTP/2's settings", "\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x80\0\4\0\1\0\0\0\5\0\xff\xff\xff"sv},
    {"a request instead", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"SSH", "SSH-2.0-OpenSSH_9.2\r\n"},
    {"SMTP", "220 mail.test ESMTP\r\n"},
    {"a TLS alert", "\x15\3\1\0\2\2\x28"sv, waits},
    {"an empty line first", "\r\n{H}{L}{E}"},
    {"a space first", " {H}{L}{E}"},
    {"a NUL first", "\0{H}{L}{E}"sv},
    {"a byte order mark first", "\xef\xbb\xbf{H}{L}{E}"},
    {"two spaces before the status", "HTTP/1.1  200 OK\r\n{L}{E}"},
    {"a tab before the status", "HTTP/1.1\t200 OK\r\n{L}{E}"},
    {"no space behind the status", "HTTP/1.1 200\r\n{L}{E}"},
    {"a status of two digits", "HTTP/1.1 20 OK\r\n{L}{E}"},
    {"a status of four digits", "HTTP/1.1 2000 OK\r\n{L}{E}"},
    {"a status with a sign", "HTTP/1.1 +20 OK\r\n{L}{E}"},
    {"a negative status", "HTTP/1.1 -20 OK\r\n{L}{E}"},
    {"a status in hexadecimal", "HTTP/1.1 0xC OK\r\n{L}{E}"},
    {"status 000", "HTTP/1.1 000 OK\r\n{L}{E}"},
    {"status 099", "HTTP/1.1 099 OK\r\n{L}{E}"},
    {"status 600", "HTTP/1.1 600 OK\r\n{L}{E}"},
    {"status 999", "HTTP/1.1 999 OK\r\n{L}{E}"},
    {"status 201", "HTTP/1.1 201 OK\r\n{L}{E}", status_kept},
    {"status 299", "HTTP/1.1 299 OK\r\n{L}{E}", status_kept},
    {"status 404", "HTTP/1.1 404 OK\r\n{L}{E}", status_kept},
    {"status 599 in chunks", "HTTP/1.1 599 OK\r\n{T}\r\n{C}{Z}", status_kept},
    {"status 404 that ends by closing", "HTTP/1.1 404 OK\r\n{E}", status_used_up, closes},
    {"a redirect", "HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\n{L}{E}", redirected},
    {"a line feed alone ends the status line", "HTTP/1.1 200 OK\n{L}{E}"},
    {"a line feed alone ends a field", "{H}X: y\n{L}{E}"},
    {"a line feed alone ends the header", "{H}Content-Length: {N}\r\n\n{B}"},
    {"nothing but line feeds", "HTTP/1.1 200 OK\nContent-Length: {N}\n\n{B}"},
    {"a carriage return alone ends the status line", "HTTP/1.1 200 OK\r{L}{E}"},
    {"a carriage return alone ends a field", "{H}X: y\r{L}{E}"},
    {"a carriage return alone ends the header", "{H}{L}\r{B}"},
    {"a carriage return in the reason", "HTTP/1.1 200 O\rK\r\n{L}{E}"},
    {"a NUL in the reason", "HTTP/1.1 200 O\0K\r\n{L}{E}"sv},
    {"a carriage return in a value", "{H}X: a\rb\r\n{L}{E}"},
    {"a line feed in a value", "{H}X: a\nb\r\n{L}{E}"},
    {"a NUL in a value", "{H}X: a\0b\r\n{L}{E}"sv},
    {"a bell in a value", "{H}X: a\ab\r\n{L}{E}"},
    {"a delete in a value", "{H}X: a\x7f\r\n{L}{E}"},
    {"a carriage return in a name", "{H}X\rY: a\r\n{L}{E}"},
    {"a NUL in a name", "{H}X\0Y: a\r\n{L}{E}"sv},
    {"a name beyond ASCII", "{H}X\xc3\xa9: a\r\n{L}{E}"},
    {"a space in a name", "{H}X Y: a\r\n{L}{E}"},
    {"a space before the colon", "{H}Content-Length : {N}\r\n{E}"},
    {"a tab before the colon", "{H}Content-Length\t: {N}\r\n{E}"},
    {"a space before the colon of chunks", "{H}Transfer-Encoding : chunked\r\n{L}{E}"},
    {"a space before the first name", "{H} Content-Length: {N}\r\n{E}"},
    {"a field without a name", "{H}: a\r\n{L}{E}"},
    {"a field without a colon", "{H}Nothing\r\n{L}{E}"},
    {"a folded line", "{H}X: a\r\n b\r\n{L}{E}"},
    {"a line folded by a tab", "{H}X: a\r\n\tb\r\n{L}{E}"},
    {"a line folded before its value", "{H}X:\r\n a\r\n{L}{E}"},
    {"a line folded behind its value", "{H}X: a\r\n \r\n{L}{E}"},
    {"a line folded to nothing", "{H}X:\r\n \r\n{L}{E}"},
    {"a folded length", "{H}Content-Length:\r\n {N}\r\n{E}"},
    {"a folded list of lengths", "{H}Content-Length: {N},\r\n {N}\r\n{E}"},
    {"folded chunks", "{H}Transfer-Encoding:\r\n chunked\r\n\r\n{C}{Z}"},
    {"chunks folded behind a coding", "{H}Transfer-Encoding: gzip,\r\n chunked\r\n\r\n{C}{Z}"},
    {"close that is folded", "{H}Connection:\r\n close\r\n{L}{E}"},
    {"a length hidden in a folded line", "{H}X: a\r\n Content-Length: 1\r\n{L}{E}"},
    {"a field of 40,000 bytes", "{H}X: {R}\r\n{L}{E}", header_too_large},
    {"a reason of 40,000 bytes", "HTTP/1.1 200 {R}\r\n{L}{E}", header_too_large},
    {"a name of 40,000 bytes", "{H}{R}: x\r\n{L}{E}", header_too_large},
    {"40,000 bytes of fields", "{H}{r}{L}{E}", header_too_large},
    {"257 fields", "{H}{100}{100}{50}X: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\nX: y\r\n{L}{E}", header_too_large},
    {"compressed", "{H}Content-Encoding: gzip\r\n{L}{E}", content_encoded},
    {"compressed, and chunks", "{H}Content-Encoding: br\r\n{T}\r\n{C}{Z}", content_encoded},
    {"compressed until it closes", "{H}Content-Encoding: deflate\r\n{E}", content_encoded, closes},
    {"compressed with an unknown status", "HTTP/1.1 500 No\r\nContent-Encoding: zstd\r\n{L}{E}", content_encoded},
    {"half a status line", "HTTP/1.1 20", waits},
    {"half a status line, closed", "HTTP/1.1 20", truncated, closes},
    {"half a header", "{H}Content-Len", waits},
    {"half a header, closed", "{H}Content-Len", truncated, closes},
    {"half a header, broken", "{H}Content-Len", truncated, breaks},
    {"a header without its end", "{H}{L}", waits},
    {"a header without its end, closed", "{H}{L}", truncated, closes},
    {"a header that ends in half a line end", "{H}{L}\r", truncated, closes},
};

/// Replaces the long placeholders: one long line, or many lines.
void put_filler(std::string& to, std::string_view key)
{
    if (key == "R") to.append(40'000, 'x');
    if (key == "r")
        for (int i = 0; i < 100; ++i) to += "X-" + std::string(390, 'x') + ": y\r\n";
    if (key == "100" || key == "50")
        for (int i = key == "50" ? 50 : 100; i > 0; --i) to += "X: y\r\n";
}

std::string hex(std::size_t number)
{
    char text[20];
    std::snprintf(text, sizeof text, "%zx", number);
    return text;
}

/// Replaces one placeholder.
void put(std::string& to, std::string_view key, std::string_view body, std::string_view foreign)
{
    const std::string length = std::to_string(body.size());
    if (key == "H") to += "HTTP/1.1 200 OK\r\n";
    if (key == "L") to += "Content-Length: " + length + "\r\n";
    if (key == "T") to += "Transfer-Encoding: chunked\r\n";
    if (key == "N") to += length;
    if (key == "X") to += hex(body.size());
    if (key == "E") to += "\r\n";
    if (key == "C") to += hex(body.size()) + "\r\n";
    if (key == "B" || key == "E" || key == "C") to += body;
    if (key == "C") to += "\r\n";
    if (key == "Z") to += "0\r\n\r\n";
    if (key == "S")
        to.append("HTTP/1.1 200 OK\r\nContent-Length: ").append(std::to_string(foreign.size())).append("\r\n\r\n") +=
            foreign;
    put_filler(to, key);
}

}

std::span<const framing_vector> head_vectors() { return heads; }

std::string spelled_out(const framing_vector& which, std::string_view body, std::string_view foreign)
{
    std::string out;
    std::string_view rest = which.text;
    while (!rest.empty()) {
        const auto open = rest.find('{');
        out += rest.substr(0, open);
        if (open == std::string_view::npos) break;
        const auto close = rest.find('}', open);
        put(out, rest.substr(open + 1, close - open - 1), body, foreign);
        rest = rest.substr(close + 1);
    }
    return out;
}

std::string_view to_string(verdict what) noexcept
{
    constexpr std::string_view names[] = {"kept", "used up", "status, kept", "status, used up", "redirected",
        "malformed", "header too large", "body too large", "content encoded", "truncated", "waits"};
    return names[static_cast<int>(what)];
}

}
