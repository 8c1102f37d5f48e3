#include "net/planned_world.hpp"

#include "net/pool/response_reader.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <vector>

#include <malloc.h>

// E3 and E4: answers without bounds, and compressed ones.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// A server that never stops: a beginning, and then the same piece again and again until the connection ends.
struct endless_world : planned_world
{
    one_call meet_endless(std::string beginning, std::string piece, std::size_t most_bytes, core::duration pause = {})
    {
        const auto line = world.client(config());
        const auto id = next_id();
        plans[id] = {std::move(beginning)};
        sent = 0;
        on_plan = [this, piece = std::move(piece), most_bytes, pause] { go_on(piece, most_bytes, pause); };
        const auto start = world.time->steady_now();
        auto call = fetch(line, id);
        took = world.time->steady_now() - start;
        world.run_for(1s);
        CHECK(world.network->open() == 0);
        return call;
    }
    void go_on(const std::string& piece, std::size_t most_bytes, core::duration pause)
    {
        world.time->at(world.time->steady_now() + pause, [=, this] {
            if (sent >= most_bytes || world.network->open() == 0) return;
            sent += piece.size();
            world.network->send_unasked(piece);
            go_on(piece, most_bytes, pause);
        });
    }

    std::size_t sent = 0;
    core::duration took{};
};

constexpr std::size_t mebibyte = std::size_t(1024) * 1024;
const std::string ok = "HTTP/1.1 200 OK\r\n";
const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";

struct endless
{
    const char* what;
    std::string beginning;
    std::string piece;
    errc expected;
    std::size_t most_taken; ///< bytes of the pieces that may pass before the end
};

std::size_t in_use() { return ::mallinfo2().uordblks + ::mallinfo2().hblkhd; }

/// What a reader and its connection's buffer hold at most while a response goes on and on.
std::size_t peak_of(const endless& answer)
{
    const auto before = in_use();
    std::size_t peak = 0;
    net::response_reader reader;
    reader.restart(mebibyte);
    secret_bytes held(answer.beginning.begin(), answer.beginning.end());
    for (std::size_t fed = 0; fed < 16 * mebibyte; fed += answer.piece.size()) {
        const auto taken = reader.feed({held.data(), held.size()});
        held.erase(held.begin(), held.begin() + static_cast<std::ptrdiff_t>(taken.bytes));
        peak = (std::max)(peak, in_use() - before);
        if (taken.error) return peak;
        held.insert(held.end(), answer.piece.begin(), answer.piece.end());
    }
    FAIL_CHECK("it was never refused");
    return peak;
}

const std::vector<endless>& endless_answers()
{
    static const std::string body(1000, 'x');
    static const std::vector<endless> all = {
        {"one line", ok + "X: ", body, errc::header_too_large, 40'000},
        {"one byte of a line", ok + "X: ", "x", errc::header_too_large, 40'000},
        {"a name", ok, body, errc::header_too_large, 40'000},
        {"a reason", "HTTP/1.1 200 ", body, errc::header_too_large, 40'000},
        {"fields", ok, "X: y\r\n", errc::header_too_large, 40'000},
        {"long fields", ok, "X: " + body + "\r\n", errc::header_too_large, 40'000},
        {"fields that begin in the piece before", ok + "X", ": " + body + "\r\nX", errc::header_too_large, 40'000},
        {"interim responses", "", "HTTP/1.1 100 Go\r\n\r\n", errc::malformed_response, 200},
        {"chunk extension", chunked + "5;", body, errc::header_too_large, 40'000},
        {"chunk extensions", chunked, "1;" + body + "\r\nx\r\n", errc::header_too_large, 40'000},
        {"zeros of a chunk's size", chunked, "0", errc::header_too_large, 40'000},
        {"a trailer", chunked + "0\r\nX: ", body, errc::header_too_large, 40'000},
        {"trailers", chunked + "0\r\n", "X: " + body + "\r\n", errc::header_too_large, 40'000},
        {"trailers that begin in the piece before", chunked + "0\r\nX", ": " + body + "\r\nX", errc::header_too_large,
            40'000},
        {"chunks", chunked, "3e8\r\n" + body + "\r\n", errc::body_too_large, mebibyte + 10'000},
        {"a body until it closes", ok + "\r\n", body, errc::body_too_large, mebibyte + 10'000},
    };
    return all;
}

}

TEST_CASE("a response without bounds is refused by the limit that it breaks, before much of it is read")
{
    std::size_t most = 0;
    for (const auto& each : endless_answers()) {
        CAPTURE(std::string(each.what));
        endless_world bench;
        const auto call = bench.meet_endless(each.beginning, each.piece, 4 * mebibyte);
        CHECK(call.why() == each.expected);
        CHECK(call.why().why_stopped() == stop_reason::permanent);
        CHECK(bench.sent <= each.most_taken);
        most = (std::max)(most, bench.sent);
    }
    MESSAGE(endless_answers().size(), " answers without bounds, at most ", most, " bytes of one are read");
}

TEST_CASE("a response without bounds is read in bounded memory")
{
    std::size_t most_header = 0, most_body = 0;
    for (const auto& each : endless_answers()) {
        CAPTURE(std::string(each.what));
        auto& most = each.expected == errc::body_too_large ? most_body : most_header;
        most = (std::max)(most, peak_of(each));
    }
    MESSAGE("at most ", most_header, " bytes for headers and trailers, ", most_body, " for bodies");
    CHECK(most_header <= 160 * 1024);
    CHECK(most_body <= 5 * mebibyte / 2);
}

TEST_CASE("a body of a mebibyte is delivered, and one of a byte more is refused, however it is framed")
{
    planned_world bench;
    const auto client = bench.world.client(bench.config());
    unsigned cases = 0;
    for (const std::size_t size : {mebibyte, mebibyte + 1})
        for (const int form : {0, 1, 2}) {
            const auto id = bench.next_id();
            auto body = planned_world::own(id) + "# ";
            body.append(size - body.size(), 'x');
            char hex[20];
            std::snprintf(hex, sizeof hex, "%zx", size);
            bench.plans[id] = {form == 0   ? http_answer(200, body)
                               : form == 1 ? chunked + hex + "\r\n" + body + "\r\n0\r\n\r\n"
                                           : ok + "\r\n" + body,
                {}, form == 2};
            const auto call = bench.fetch(client, id);
            CAPTURE(form);
            CAPTURE(size);
            ++cases;
            if (size > mebibyte) {
                CHECK(call.why() == errc::body_too_large);
                CHECK(call.why().why_stopped() == stop_reason::permanent);
            } else {
                REQUIRE(call.outcome->has_value());
                CHECK((*call.outcome)->bytes().size() == size);
            }
        }
    MESSAGE(cases, " bodies at the limit");
}

TEST_CASE("a response that drips is ended by the attempt's bound, wherever it drips")
{
    unsigned cases = 0;
    for (const auto& beginning : {std::string(), ok + "X: ", ok + "Content-Length: 9999\r\n\r\n", chunked,
             chunked + "5;a", chunked + "0\r\nX: ", ok + "\r\n"})
        for (const auto pause : {10s, 1s}) {
            CAPTURE(beginning);
            endless_world bench;
            const auto call = bench.meet_endless(beginning, beginning.empty() ? "H" : "1", 100, pause);
            ++cases;
            CHECK(call.completions == 1);
            CHECK_FALSE(call.outcome->has_value());
            CHECK(bench.took <= 15s);
        }
    MESSAGE(cases, " answers that drip end within 15 s");
}

TEST_CASE("a compressed answer is refused at its header, and not a byte of it is inflated or kept")
{
    // 1 MiB of zeros as one gzip member of stored size 1,051: a reader that inflates it sees it.
    const std::string bomb = std::string("\x1f\x8b\x08\0\0\0\0\0\x02\x03", 10) + std::string(1'041, '\0');
    unsigned cases = 0;
    planned_world bench;
    const auto client = bench.world.client(bench.config());
    for (const std::string coding : {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "gzip, gzip",
             "gzip, identity", "identity, gzip", "GZIP", "unknown", "", "aes128gcm"})
        for (const unsigned status : {200U, 404U, 503U, 429U})
            for (const bool nested : {false, true})
                for (const bool in_chunks : {false, true}) {
                    CAPTURE(coding);
                    CAPTURE(status);
                    const auto id = bench.next_id(), next = bench.next_id();
                    const std::string more = "Content-Encoding: " + coding + "\r\n" +
                                             (nested ? "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n" : "");
                    const std::string head = "HTTP/1.1 " + std::to_string(status) + " Odd\r\n" + more;
                    bench.plans[id] = {in_chunks
                                           ? head + "Transfer-Encoding: chunked\r\n\r\n41b\r\n" + bomb + "\r\n0\r\n\r\n"
                                           : http_answer(status, bomb, more)};
                    const auto call = bench.fetch(client, id);
                    CHECK(call.why() == errc::content_encoded);
                    CHECK(call.why().http_status() == 0);
                    CHECK(call.why().why_stopped() == stop_reason::permanent);
                    CHECK(bench.is_own(bench.fetch(client, next), next));
                    ++cases;
                }
    MESSAGE(cases, " compressed answers, bytes inflated 0");
    CHECK(bench.world.network->dials() == cases + 1);
}
