#include "core/http/framing.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

// The framing check of a response's header against headers that are sound, ambiguous or random.

using namespace std::string_view_literals;
using doks::errc;
using doks::core::framing;

namespace {

using fields = std::vector<std::pair<std::string_view, std::string_view>>;

/// A response's header by its status, version and fields.
struct answer
{
    const char* what;
    fields header;
    unsigned status = 200;
    unsigned minor = 1;
};

framing read(const fields& header)
{
    framing seen;
    for (const auto& [name, value] : header) seen.field(name, value);
    return seen;
}

const answer sound[] = {
    {"a length", {{"Content-Length", "5"}}},
    {"a length of zero", {{"content-length", "0"}}},
    {"a length with zeros in front", {{"Content-Length", "0005"}}},
    {"the longest length", {{"Content-Length", "18446744073709551615"}}},
    {"chunks", {{"Transfer-Encoding", "chunked"}}},
    {"chunks in capitals, with white space around", {{"TRANSFER-ENCODING", " Chunked\t"}}},
    {"an end by closing", {}},
    {"an end by closing, in HTTP/1.0", {}, 200, 0},
    {"a length in HTTP/1.0", {{"Content-Length", "5"}}, 200, 0},
    {"no content", {}, 204},
    {"no content, and said to be none", {{"Content-Length", "0"}}, 204},
    {"not modified", {}, 304},
    {"not modified, with the length that the body would have", {{"Content-Length", "512"}}, 304},
    {"not modified, with the coding that the body would have", {{"Transfer-Encoding", "chunked"}}, 304},
    {"continue", {}, 100},
    {"early hints", {{"link", "<x>"}}, 103},
    {"the last status", {{"Content-Length", "5"}}, 599},
    {"an unknown status", {{"Content-Length", "5"}}, 299},
    {"identity spelled out", {{"Content-Length", "5"}, {"Content-Encoding", "identity"}}},
    {"fields that resemble",
        {{"Content-Length", "5"}, {"X-Content-Length", "6"}, {"Transfer-Encodings", "gzip"}, {"TE", "trailers"}}},
    {"a trailer announced", {{"Transfer-Encoding", "chunked"}, {"Trailer", "Content-Length"}}},
};

const answer broken[] = {
    {"a length, then chunks", {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}},
    {"chunks, then a length", {{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}}},
    {"gzip, then a length: stock Beast frames by the length", {{"Transfer-Encoding", "gzip"}, {"Content-Length", "5"}}},
    {"a length, then gzip", {{"Content-Length", "5"}, {"Transfer-Encoding", "gzip"}}},
    {"identity, then a length", {{"Transfer-Encoding", "identity"}, {"Content-Length", "5"}}},
    {"an empty coding and a length", {{"Transfer-Encoding", ""}, {"Content-Length", "5"}}},
    {"an unknown coding", {{"Transfer-Encoding", "cow"}}},
    {"gzip alone", {{"Transfer-Encoding", "gzip"}}},
    {"identity alone", {{"Transfer-Encoding", "identity"}}},
    {"an empty coding", {{"Transfer-Encoding", ""}}},
    {"gzip and chunks in a list", {{"Transfer-Encoding", "gzip, chunked"}}},
    {"chunks, then gzip in a list", {{"Transfer-Encoding", "chunked, gzip"}}},
    {"chunks twice in a list", {{"Transfer-Encoding", "chunked, chunked"}}},
    {"a list that ends in nothing", {{"Transfer-Encoding", "chunked,"}}},
    {"chunks with a parameter", {{"Transfer-Encoding", "chunked;q=1"}}},
    {"chunks in quotes", {{"Transfer-Encoding", "\"chunked\""}}},
    {"chunks with a vertical tab", {{"Transfer-Encoding", "\vchunked"}}},
    {"xchunked", {{"Transfer-Encoding", "xchunked"}}},
    {"chunks in two fields", {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}},
    {"gzip, then chunks, in two fields", {{"Transfer-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}}},
    {"chunks, then identity, in two fields", {{"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "identity"}}},
    {"chunks in HTTP/1.0", {{"Transfer-Encoding", "chunked"}}, 200, 0},
    {"two lengths that differ", {{"Content-Length", "5"}, {"Content-Length", "6"}}},
    {"two lengths that are equal", {{"Content-Length", "5"}, {"content-length", "5"}}},
    {"a list of lengths", {{"Content-Length", "5, 5"}}},
    {"two numbers", {{"Content-Length", "5 5"}}},
    {"a length with a plus", {{"Content-Length", "+5"}}},
    {"a negative length", {{"Content-Length", "-5"}}},
    {"minus zero", {{"Content-Length", "-0"}}},
    {"a hexadecimal length", {{"Content-Length", "0x5"}}},
    {"a fraction", {{"Content-Length", "5.0"}}},
    {"an exponent", {{"Content-Length", "5e0"}}},
    {"an underscore", {{"Content-Length", "1_0"}}},
    {"a length in quotes", {{"Content-Length", "\"5\""}}},
    {"an empty length", {{"Content-Length", ""}}},
    {"a word", {{"Content-Length", "five"}}},
    {"2^64", {{"Content-Length", "18446744073709551616"}}},
    {"a length of 40 digits", {{"Content-Length", "9999999999999999999999999999999999999999"}}},
    {"a length with a NUL", {{"Content-Length", "5\0"sv}}},
    {"digits of another script", {{"Content-Length", "\xd9\xa5"}}},
    {"no content, with a length", {{"Content-Length", "5"}}, 204},
    {"no content, with chunks", {{"Transfer-Encoding", "chunked"}}, 204},
    {"continue, with a length", {{"Content-Length", "5"}}, 100},
    {"early hints, with chunks", {{"Transfer-Encoding", "chunked"}}, 103},
    {"not modified, with two lengths", {{"Content-Length", "5"}, {"Content-Length", "6"}}, 304},
    {"not modified, with both", {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, 304},
    {"a NUL in some value", {{"Content-Length", "5"}, {"Server", "a\0b"sv}}},
    {"a bare CR in some value", {{"Content-Length", "5"}, {"Server", "a\rTransfer-Encoding: chunked"}}},
    {"a bare LF in some value", {{"Content-Length", "5"}, {"Server", "a\nb"}}},
    {"a folded line", {{"Content-Length", "5"}, {"Server", "a\r\n b"}}},
    {"status 0", {{"Content-Length", "5"}}, 0},
    {"status 99", {{"Content-Length", "5"}}, 99},
    {"status 600", {{"Content-Length", "5"}}, 600},
    {"status 999", {{"Content-Length", "5"}}, 999},
};

}

TEST_CASE("a response that is framed in one sound way is taken")
{
    for (const auto& each : sound) {
        CAPTURE(std::string(each.what));
        CHECK_FALSE(read(each.header).judge(each.status, each.minor));
    }
}

TEST_CASE("a response that could be framed in two ways, or in none, is refused")
{
    for (const auto& each : broken) {
        CAPTURE(std::string(each.what));
        CHECK(read(each.header).judge(each.status, each.minor) == errc::malformed_response);
    }
}

TEST_CASE("a response that is compressed is refused unread")
{
    for (const char* coding :
        {"gzip", "deflate", "br", "zstd", "x-gzip", "gzip, identity", "identity, gzip", "", "unknown"}) {
        CAPTURE(std::string(coding));
        CHECK(read({{"Content-Length", "5"}, {"Content-Encoding", coding}}).judge(200, 1) == errc::content_encoded);
        CHECK(read({{"content-encoding", coding}, {"Content-Encoding", "identity"}, {"Content-Length", "5"}})
                  .judge(200, 1) == errc::content_encoded);
    }
}

TEST_CASE("a connection is kept only in HTTP/1.1, and where no list says close")
{
    const auto keeps = [](const fields& header, unsigned minor) { return read(header).keeps_alive(minor); };
    CHECK(keeps({}, 1));
    CHECK(keeps({{"Connection", "keep-alive"}}, 1));
    CHECK(keeps({{"Connection", ""}}, 1));
    CHECK(keeps({{"Connection", "closed, x-close, close-not"}}, 1));
    CHECK(keeps({{"Proxy-Connection", "close"}, {"Keep-Alive", "timeout=0"}}, 1));
    for (const char* list : {"close", "Close", " close ", "\tclose", "keep-alive, close", "close, keep-alive",
             "x,close,y", ",,close", "close,"}) {
        CAPTURE(std::string(list));
        CHECK_FALSE(keeps({{"Connection", list}}, 1));
        CHECK_FALSE(keeps({{"connection", list}, {"Connection", "keep-alive"}}, 1));
        CHECK_FALSE(keeps({{"connection", "keep-alive"}, {"CONNECTION", list}}, 1));
    }
    CHECK_FALSE(keeps({}, 0));
    CHECK_FALSE(keeps({{"Connection", "keep-alive"}}, 0));
}

TEST_CASE("only a body without a stated end ends with its connection")
{
    CHECK(read({}).ends_with_connection(200));
    CHECK(read({}).ends_with_connection(500));
    CHECK(read({{"Connection", "close"}}).ends_with_connection(200));
    CHECK_FALSE(read({{"Content-Length", "0"}}).ends_with_connection(200));
    CHECK_FALSE(read({{"Transfer-Encoding", "chunked"}}).ends_with_connection(200));
    for (const unsigned bodiless : {100U, 101U, 103U, 204U, 304U}) {
        CHECK(doks::core::is_bodiless(bodiless));
        CHECK_FALSE(read({}).ends_with_connection(bodiless));
    }
}

TEST_CASE("only two fields say where a response ends")
{
    for (const char* name : {"Content-Length", "content-length", "TRANSFER-ENCODING"})
        CHECK(doks::core::is_framing(name));
    for (const char* name : {"", "Content-Length ", "Content-Encoding", "Trailer", "TE", "Connection"})
        CHECK_FALSE(doks::core::is_framing(name));
}

TEST_CASE("the length is known where the header states it")
{
    CHECK(read({{"Content-Length", "1048577"}}).length() == 1048577U);
    CHECK_FALSE(read({{"Transfer-Encoding", "chunked"}}).length());
    CHECK_FALSE(read({}).length());
}

TEST_CASE("no random header with two framings, or none that is known, is taken")
{
    core_test::rng rng(4);
    constexpr std::string_view lengths[] = {"5", "0", "+5", "5,5", "18446744073709551616", ""};
    constexpr std::string_view codings[] = {"chunked", "Chunked ", "gzip", "gzip, chunked", "identity", ""};
    for (std::size_t i = core_test::steps(20'000, 1'000'000); i != 0; --i) {
        framing seen;
        unsigned length_fields = 0, coding_fields = 0, good_lengths = 0, good_codings = 0;
        for (std::size_t count = rng.below(5); count != 0; --count) {
            const std::size_t pick = rng.below(6);
            const std::size_t kind = rng.below(3);
            if (kind == 0) seen.field("Content-Length", lengths[pick]), ++length_fields, good_lengths += pick < 2;
            if (kind == 1) seen.field("Transfer-Encoding", codings[pick]), ++coding_fields, good_codings += pick < 2;
            if (kind == 2) seen.field("X-Other", lengths[pick]);
        }
        const bool one_way = length_fields + coding_fields == 0 ||
                             (length_fields + coding_fields == 1 && good_lengths + good_codings == 1);
        REQUIRE(!seen.judge(200, 1) == one_way);
    }
}

TEST_CASE("what follows the length of a body is its rest, unless it is blank or begins another response")
{
    using doks::core::is_rest_of_body;
    for (const std::string_view rest : {"x", "}\n", "HTTQ/1.1", "http/1.1 200", "  x"}) CHECK(is_rest_of_body(rest));
    for (const std::string_view none : {"", "\r\n", " \t", "H", "HTTP/", "HTTP/1.1 200 OK\r\n"})
        CHECK_FALSE(is_rest_of_body(none));
}

TEST_CASE("an object of JSON is told from a page")
{
    using doks::core::is_json_object;
    for (const std::string_view object : {"{}", " \r\n{\"id\":1}"}) CHECK(is_json_object(object));
    for (const std::string_view page : {"", " ", "<html>", "[{}]", "not {}"}) CHECK_FALSE(is_json_object(page));
}
