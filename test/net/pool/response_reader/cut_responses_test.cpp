#include "core/rng.hpp"

#include <doctest/doctest.h>

#include "net/pool/cut_fixture.hpp"

#include <cstdio>

// A4: the connection ends at every byte of a response.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// How a response states its end.
enum class form
{
    length,
    chunks,
    closing
};

/// How the bytes end: with TLS's own end behind them, or as the wire can be cut.
enum class finish
{
    orderly,
    fin,
    reset,
    silent
};

std::string framed(form how, const std::string& body)
{
    if (how == form::length) return http_answer(200, body);
    if (how == form::closing) return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body;
    char sizes[2][20];
    const auto half = body.size() / 2;
    std::snprintf(sizes[0], sizeof sizes[0], "%zx", half);
    std::snprintf(sizes[1], sizeof sizes[1], "%zx", body.size() - half);
    return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") + sizes[0] + "\r\n" +
           body.substr(0, half) + "\r\n" + sizes[1] + ";a=b\r\n" + body.substr(half) + "\r\n0\r\nX-Sum: 1\r\n\r\n";
}

/// What became of the cut responses.
struct tally
{
    unsigned offsets = 0, complete = 0, retried = 0, partial = 0, mistaken = 0, ended_by_server = 0;
};

/// Responses that are cut at a byte of their text or of their records, each behind a request on a fresh or a used
/// connection.
struct cut_bench : cut_world
{
    std::string body(const std::string& id) const { return own(id) + "# " + std::string(1'100, 'x') + "\n"; }

    /// Bytes on the wire of a whole response.
    std::size_t wire_size(form how)
    {
        renew();
        warm_up();
        const auto before = wire->received();
        const auto id = next_id();
        plans[id] = {framed(how, body(id)), {}, how == form::closing};
        REQUIRE(fetch(*line, id).outcome->has_value());
        return wire->received() - before;
    }
    void begin_case()
    {
        if (figures.offsets % 4 == 0) renew();
        if (figures.offsets % 4 != 0 || figures.offsets % 8 == 0) warm_up();
        causes.clear();
        ++figures.offsets;
    }

    /// The response's text is cut, and the stream ends there.
    void cut_text(form how, std::size_t offset, finish end)
    {
        begin_case();
        const auto id = next_id();
        const auto whole = framed(how, body(id));
        plans[id] = {whole.substr(0, offset), {}, end == finish::orderly, end == finish::reset};
        const auto call = fetch(*line, id);
        const bool ends_by_closing = how == form::closing && offset >= whole.find("\r\n\r\n") + 4;
        if (ends_by_closing && end == finish::orderly) {
            ++figures.ended_by_server;
            const bool exact = call.outcome->has_value()
                                   ? (*call.outcome)->bytes() == body(id).substr(0, offset - whole.find("\r\n\r\n") - 4)
                                   : call.why() == errc::not_a_kubeconfig;
            CHECK(exact);
            return;
        }
        judge(call, id, offset == whole.size() && how != form::closing, offset, end);
    }
    /// The wire is cut, within TLS's records or between them.
    void cut_wire(form how, std::size_t offset, std::size_t whole, cut end)
    {
        begin_case();
        const auto id = next_id();
        auto& plan = plans[id];
        plan.bytes = framed(how, body(id));
        plan.close = how == form::closing;
        on_plan = [this, offset, end] { wire->after_received(offset, end); };
        const auto call = fetch(*line, id);
        const auto finished = end == cut::fin ? finish::fin : end == cut::reset ? finish::reset : finish::silent;
        judge(call, id, offset >= whole, offset, finished);
    }
    void judge(const one_call& call, const std::string& id, bool complete, std::size_t offset, finish end)
    {
        REQUIRE(call.outcome->has_value());
        const auto bytes = std::string((*call.outcome)->bytes());
        figures.partial += bytes != (complete ? body(id) : own(id));
        (complete ? figures.complete : figures.retried) += 1;
        if (complete) {
            figures.mistaken += !causes.empty();
            return;
        }
        REQUIRE(causes.size() == 1);
        if (end == finish::silent)
            CHECK(causes.front() == errc::timed_out);
        else if (offset >= a_record)
            CHECK(causes.front() == errc::truncated);
        else
            CHECK(causes.front() == condition::transient);
    }

    /// From here on the first byte of the response's text has come, in one record or another.
    static constexpr std::size_t a_record = 600;
    tally figures;
};

/// The first offsets, the last ones, and every so many between them; all in the long form.
std::vector<std::size_t> offsets_to(std::size_t size)
{
    const std::size_t stride = core_test::steps(23, 1);
    std::vector<std::size_t> all;
    for (std::size_t offset = 0; offset <= size; ++offset)
        if (offset < 3 || offset + 3 > size || offset % stride == 0) all.push_back(offset);
    return all;
}

}

TEST_CASE("a response whose text ends early, at any byte, is tried again and never delivered in part")
{
    cut_bench bench;
    for (const form how : {form::length, form::chunks, form::closing}) {
        const auto size = framed(how, bench.body(numbered_id(0))).size();
        for (const finish end : {finish::orderly, finish::reset, finish::silent})
            for (const std::size_t offset : offsets_to(size)) {
                CAPTURE(static_cast<int>(how));
                CAPTURE(static_cast<int>(end));
                CAPTURE(offset);
                bench.cut_text(how, offset, end);
            }
    }
    const auto& got = bench.figures;
    MESSAGE(got.offsets, " cuts of the text: ", got.complete, " complete, ", got.retried, " tried again, ",
        got.ended_by_server, " ended by the server's word; in part ", got.partial, ", mistaken for cut ", got.mistaken);
    CHECK(got.partial == 0);
    CHECK(got.mistaken == 0);
}

TEST_CASE("a response whose connection ends at any byte of the wire is tried again and never delivered in part")
{
    cut_bench bench;
    for (const form how : {form::length, form::chunks, form::closing}) {
        const auto size = bench.wire_size(how);
        for (const cut end : {cut::fin, cut::reset, cut::silent})
            for (const std::size_t offset : offsets_to(size)) {
                CAPTURE(static_cast<int>(how));
                CAPTURE(static_cast<int>(end));
                CAPTURE(offset);
                bench.cut_wire(how, offset, size, end);
            }
    }
    const auto& got = bench.figures;
    MESSAGE(got.offsets, " cuts of the wire: ", got.complete, " complete, ", got.retried, " tried again; in part ",
        got.partial, ", mistaken for cut ", got.mistaken);
    CHECK(got.partial == 0);
    CHECK(got.mistaken == 0);
}
