// The framing table as a program, so that it can be held against any Boost: see test/README.md.

#include "net/pool/response_reader/framing_table.hpp"

#include <boost/version.hpp>

#include <cstdio>

using namespace doks::test;

namespace {

/// Counts of vectors, and of those in which a reader differs from the table.
struct tally
{
    unsigned vectors = 0, differ = 0, taken = 0, kept = 0, next = 0;
};

/// Holds both readers against the table, and prints where one differs.
void hold(const framing_vector& each, tally& sum)
{
    constexpr std::string_view body = "the body of this response";
    constexpr std::string_view foreign = "another response's body";
    const auto bytes = spelled_out(each, body, foreign);
    ++sum.vectors;
    for (const std::size_t piece : {bytes.size(), std::size_t(1), std::size_t(7)}) {
        const auto got = read_with_doks(bytes, each.end, piece);
        const bool whole = !delivers(each.what) || got.body == body;
        if (as_good(each.what, got.what, piece < bytes.size()) && whole) continue;
        ++sum.differ;
        std::printf("DIFFERS in pieces of %zu: %s: expected %s, got %s\n", piece, each.name.data(),
            to_string(each.what).data(), to_string(got.what).data());
    }
    const auto stock = read_with_beast(bytes, each.end);
    if (is_answer(stock.what) && !is_answer(each.what)) {
        ++sum.taken;
        std::printf("stock Beast takes: %s\n", each.name.data());
    } else if (keeps(stock.what) && !keeps(each.what)) {
        ++sum.kept;
        sum.next += stock.behind != 0;
        std::printf("stock Beast keeps the connection%s: %s\n",
            stock.behind ? ", and the bytes behind the response" : "", each.name.data());
    }
}

}

int main()
{
    tally sum;
    for (const auto vectors : {head_vectors(), length_vectors(), body_vectors()})
        for (const auto& each : vectors) hold(each, sum);
    std::printf(
        "Boost %s: %u vectors, %u differ; stock Beast takes %u that doks refuses, and keeps %u connections that "
        "doks closes, %u of them with bytes of another response\n",
        BOOST_LIB_VERSION, sum.vectors, sum.differ, sum.taken, sum.kept, sum.next);
    return sum.differ == 0 ? 0 : 1;
}
