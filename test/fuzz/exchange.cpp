#include "fuzz/exchange.hpp"

#include "fuzz/reference_parser.hpp"

#include "net/pool/response_reader.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string_view>
#include <utility>

// Writes responses from choices, sound or mangled, and holds the library's reader against reference_parser.

namespace doks::test {

namespace {

constexpr std::size_t body_limit = 4096;

/// A body that tells whose it is, in every part of it.
std::string body_for(unsigned request, std::size_t repeats)
{
    std::string body;
    for (std::size_t i = 0; i <= repeats; ++i) body += "<the body of request " + std::to_string(request) + ">";
    return body;
}

}

std::string exchange::odd_field()
{
    constexpr std::string_view odd[] = {"Content-Length: 5\r\n", "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Content-Encoding: gzip\r\n", "Connection: close\r\n", "Connection: keep-alive, close\r\n", "X : y\r\n",
        "X: y\n", "X: a\r\n b\r\n", "X:\r\n a\r\n", "Content-Length:\r\n 5\r\n", " X: y\r\n", ": y\r\n", "X\r\n",
        "X: y\r\n", "Date: Tue, 24 Nov 2026 10:00:00 GMT\r\n", "RateLimit-Remaining: 1\r\n", "Retry-After: -1\r\n"};
    return std::string(odd[from_.below(std::size(odd))]);
}

std::string exchange::header(bool& chunked, const std::string& body)
{
    constexpr std::string_view lines[] = {"HTTP/1.1 200 OK\r\n", "HTTP/1.0 200 OK\r\n", "HTTP/1.1 404 No\r\n",
        "HTTP/1.1 204 None\r\n", "HTTP/1.1 304 Same\r\n", "HTTP/1.1 999 Odd\r\n", "HTTP/1.1 101 Switch\r\n"};
    const std::size_t line = from_.below(16);
    std::string text(lines[line < std::size(lines) ? line : 0]);
    sound_ = sound_ && (line == 0 || line >= std::size(lines));
    const std::size_t form = from_.below(8);
    chunked = form >= 5;
    if (form < 4) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (chunked) text += "Transfer-Encoding: chunked\r\n";
    sound_ = sound_ && form != 4;
    for (std::size_t count = from_.below(6); count > 3; --count) text += odd_field(), sound_ = false;
    return text + "\r\n";
}

std::string exchange::chunks_of(const std::string& body)
{
    std::string text;
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t size = 1 + from_.below(body.size() - at);
        char digits[20];
        std::snprintf(digits, sizeof digits, "%zx", size);
        text += digits;
        if (from_.below(4) == 0) text += ";a=\"b\"";
        text += "\r\n" + body.substr(at, size) + "\r\n";
        at += size;
    }
    text += "0\r\n";
    if (from_.below(8) == 0) text += odd_field(), sound_ = false;
    return text + "\r\n";
}

std::string exchange::mangled(std::string bytes)
{
    if (from_.below(3) != 0) return bytes;
    constexpr std::string_view pieces[] = {
        "\r\n", "\n", "\r", "0\r\n\r\n", ";", ":", " ", "\t", "ffffffffffffffff\r\n", "5\r\n"};
    for (std::size_t count = 1 + from_.below(3); count != 0; --count) {
        sound_ = false;
        const std::size_t at = from_.below(bytes.size() + 1);
        switch (from_.below(4)) {
        case 0:
            bytes.insert(at, pieces[from_.below(std::size(pieces))]);
            break;
        case 1:
            bytes.erase(at, 1 + from_.below(8));
            break;
        case 2:
            if (at < bytes.size()) bytes[at] = static_cast<char>(from_.below(256));
            break;
        default:
            bytes.insert(at, bytes.substr(from_.below(bytes.size() + 1), from_.below(64)));
        }
    }
    return bytes;
}

std::string exchange::answer_to(const std::string& body)
{
    sound_ = true;
    std::string text;
    for (std::size_t interim = from_.below(12); interim > 8; --interim) text += "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n";
    bool chunked = false;
    text += header(chunked, body);
    text += chunked ? chunks_of(body) : body;
    return mangled(std::move(text));
}

std::string exchange::read_one(const std::string& sent, const std::string& body)
{
    net::response_reader reader;
    reader.restart(body_limit);
    std::string held;
    std::size_t at = 0;
    alive_ = false;
    while (at < sent.size() && !reader.complete()) {
        const std::size_t left = sent.size() - at;
        const std::size_t slice = from_.below(2) == 0 ? left : 1 + from_.below((std::min)(left, std::size_t(64)));
        held += sent.substr(at, slice);
        at += (std::min)(slice, left);
        const auto taken = reader.feed(held);
        if (taken.bytes > held.size()) return "the reader took more than it was given";
        held.erase(0, taken.bytes);
        if (taken.error) return ++refused_, sound_ ? "a sound answer was refused" : "";
        if (!reader.complete() && held.size() >= net::response_reader::header_limit) return "the reader hoards";
    }
    const bool closes = from_.below(2) == 0;
    if (!reader.complete() && reader.end(closes)) return ++refused_, sound_ ? "a sound answer was not completed" : "";
    const std::size_t used = at - held.size();
    alive_ = reader.keeps_alive() && used == sent.size();
    ++delivered_;
    const auto got = reader.take({});
    const std::string_view bytes(got.body.data(), got.body.size());
    const auto reference = read_by_reference(sent, closes);
    if (!reference || reference->status != got.status || reference->body != bytes || reference->size != used)
        return "the reference parser has it otherwise";
    return sound_ && bytes != body ? "a response was cross-wired" : "";
}

std::string exchange::run()
{
    const auto requests = static_cast<unsigned>(1 + from_.below(5));
    for (unsigned i = 0; i < requests && alive_ && !from_.spent(); ++i) {
        const auto body = body_for(i, from_.below(40));
        auto sent = answer_to(body);
        if (from_.below(6) == 0) sent += "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray";
        if (auto wrong = read_one(sent, body); !wrong.empty()) return wrong + ": " + sent;
    }
    return {};
}

}
