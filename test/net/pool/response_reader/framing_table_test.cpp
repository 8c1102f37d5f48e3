#include "net/planned_world.hpp"
#include "net/pool/response_reader/framing_table.hpp"

#include <doctest/doctest.h>

// Every row of the framing table through a whole client and by the reader alone.

using namespace doks;
using namespace doks::test;

namespace {

constexpr std::size_t one_piece = 16'000;

/// A vector as the response of a scripted server, and the request behind it.
struct framing_bench : planned_world
{
    /// A vector's answer to one request, the first on its connection or not, and what the request behind it gets.
    void meet_vector(const framing_vector& each, bool reused)
    {
        const auto client = world.client(config());
        if (reused) {
            const auto first = next_id();
            REQUIRE(is_own(fetch(client, first), first));
        }
        const auto id = next_id(), next = next_id();
        const auto bytes = spelled_out(each, own(id), external(next));
        plans[id] = {bytes, {}, each.end == ending::closes, each.end == ending::breaks};
        const auto call = fetch(client, id);
        const auto line = last_request().connection;
        REQUIRE(last_request().target().find(id) != std::string::npos);
        const auto after = fetch(client, next);
        const bool again = last_request().connection == line;

        CHECK(as_good(each.what, seen(call, again), bytes.size() > one_piece));
        if (each.what == verdict::goes_on) CHECK(call.why() == errc::truncated);
        CHECK(again == keeps(each.what));
        if (delivers(each.what)) CHECK(is_own(call, id));
        cross_wired += !is_own(after, next) || (call.outcome->has_value() && !is_own(call, id));
        ++cells;
    }
    static verdict seen(const one_call& call, bool again)
    {
        if (call.outcome->has_value()) return verdict_of(200, again);
        const auto why = call.why();
        if (why.http_status() != 0) return verdict_of(why.http_status(), again);
        return verdict_of(why.code());
    }

    unsigned cells = 0;
    unsigned cross_wired = 0;
};

}

TEST_CASE("however a response is framed or misframed, the next request gets its own")
{
    framing_bench bench;
    unsigned vectors = 0;
    for (const auto table : {head_vectors(), length_vectors(), body_vectors()})
        for (const auto& each : table) {
            ++vectors;
            for (const bool reused : {false, true}) {
                CAPTURE(std::string(each.name));
                CAPTURE(reused);
                bench.meet_vector(each, reused);
            }
        }
    MESSAGE(vectors, " vectors on a fresh and on a used connection: ", bench.cells, " cells, cross-wired ",
        bench.cross_wired);
    CHECK(vectors >= 150);
    CHECK(bench.cross_wired == 0);
}

TEST_CASE("a response is read alike in one piece, in pieces of seven bytes, and byte by byte")
{
    unsigned vectors = 0, taken = 0, kept = 0;
    for (const auto table : {head_vectors(), length_vectors(), body_vectors()})
        for (const auto& each : table) {
            CAPTURE(std::string(each.name));
            const auto bytes = spelled_out(each, "the body of this response", "another response's body");
            ++vectors;
            for (const std::size_t piece : {bytes.size(), std::size_t(7), std::size_t(1)}) {
                const auto got = read_with_doks(bytes, each.end, piece);
                CHECK(as_good(each.what, got.what, piece < bytes.size()));
                if (delivers(got.what)) CHECK(got.body == "the body of this response");
            }
            const auto stock = read_with_beast(bytes, each.end);
            taken += is_answer(stock.what) && !is_answer(each.what);
            kept += is_answer(each.what) && keeps(stock.what) && !keeps(each.what);
        }
    MESSAGE("of ", vectors, " vectors stock Beast takes ", taken, " that are refused here, and keeps ", kept,
        " connections that are closed here");
    CHECK(taken > 0);
}
