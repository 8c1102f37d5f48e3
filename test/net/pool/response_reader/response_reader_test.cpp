#include "net/pool/response_reader.hpp"

#include <doctest/doctest.h>

#include <string>

// The reader alone, on bytes that the test hands to it.

using namespace doks;
using doks::net::response_reader;

namespace {

/// Feeds a response in pieces of one size; true once it is complete.
bool feed(response_reader& reader, std::string_view bytes, std::size_t piece)
{
    std::string held;
    reader.restart(100);
    for (; !bytes.empty(); bytes.remove_prefix((std::min)(piece, bytes.size()))) {
        held += bytes.substr(0, piece);
        const auto taken = reader.feed(held);
        if (taken.error) return false;
        held.erase(0, taken.bytes);
    }
    return reader.complete();
}

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";

}

TEST_CASE("a trailer says nothing of the quota, of the time or of the request, whether the header did or not")
{
    const std::string hints = "RateLimit-Remaining: 7\r\nRetry-After: 9\r\nX-Request-Id: the-headers\r\n";
    const std::string others = "RateLimit-Remaining: 0\r\nRetry-After: 3600\r\nX-Request-Id: the-trailers\r\n";
    for (const std::size_t piece : {1U, 7U, 1000U}) {
        response_reader reader;
        REQUIRE(feed(reader, chunked + "\r\n1\r\nx\r\n0\r\n" + others + "\r\n", piece));
        const auto silent = reader.take({});
        CHECK_FALSE(silent.hints.rate_limit.remaining);
        CHECK_FALSE(silent.hints.retry_after);
        CHECK(silent.request_id.empty());
        REQUIRE(feed(reader, chunked + hints + "\r\n1\r\nx\r\n0\r\n" + others + "\r\n", piece));
        const auto said = reader.take({});
        CHECK(said.hints.rate_limit.remaining == 7U);
        CHECK(said.hints.retry_after == std::chrono::seconds(9));
        CHECK(said.request_id == "the-headers");
    }
}

TEST_CASE("bytes that look like the beginning of a last chunk are held back in chunks only")
{
    response_reader reader;
    for (const std::string body : {"0", "0\r", "0\r\n", "0\r\n\r"}) {
        REQUIRE(
            feed(reader, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body, 1));
        const auto by_length = reader.take({}).body;
        CHECK(std::string(by_length.begin(), by_length.end()) == body);
        CHECK_FALSE(feed(reader, "HTTP/1.1 200 OK\r\n\r\n" + body, 1));
        REQUIRE_FALSE(reader.end(true));
        const auto until_closed = reader.take({}).body;
        CHECK(std::string(until_closed.begin(), until_closed.end()) == body);
        REQUIRE(feed(reader, chunked + "\r\n" + std::to_string(body.size()) + "\r\n" + body + "\r\n0\r\n\r\n", 1));
        const auto in_chunks = reader.take({}).body;
        CHECK(std::string(in_chunks.begin(), in_chunks.end()) == body);
    }
    REQUIRE(feed(reader, chunked + "\r\n0\r\n\r\n", 1));
    CHECK(reader.take({}).body.empty());
}
