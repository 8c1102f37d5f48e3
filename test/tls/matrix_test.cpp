#include "tls/caller.hpp"
#include "tls/matrix.hpp"

#include <algorithm>

// What the whole client makes of each kind of server, and what such a server gets to see of it.

namespace doks::test {

namespace {

/// How many cells were tried, and how many differed.
struct tally
{
    unsigned cells = 0, accepted = 0, mismatches = 0;
    std::size_t plain_bytes = 0, token_bytes = 0;
};

bool names_the_reason(const failure& why, const std::string& reason)
{
    return why.message().find(reason) != std::string::npos;
}

/// Empty: as it shall be.
std::string deviation(const matrix_cell& cell, const result<kubeconfig>& got, const std::vector<seen_connection>& seen)
{
    if (cell.expected != matrix_cell::verdict::refuse) return got ? "" : "refused: " + got.error().message();
    if (got) return "accepted";
    const auto& why = got.error();
    if (cell.late) return why == condition::tls || why == condition::transient ? "" : "another error: " + why.message();
    if (why != condition::tls) return "another error: " + why.message();
    if (why.why_stopped() != stop_reason::permanent || why.attempts() != 1) return "it was tried again";
    if (seen.size() != 1) return std::to_string(seen.size()) + " connections";
    if (!names_the_reason(why, cell.reason)) return "another reason: " + why.message();
    return "";
}

/// One call to the cell's server, and all that must hold of its outcome.
void try_cell(const matrix_cell& cell, tally& sums)
{
    CAPTURE(cell.name);
    tls_server server(cell.server);
    caller one(trusting(cell.roots.empty() ? usual_root().pem() : cell.roots, server.url(), cell.verified));
    const auto got = one.call();
    one.close();
    server.close_all();
    const auto seen = server.seen();
    const auto differs = deviation(cell, got, seen);
    CHECK(differs == "");
    ++sums.cells;
    sums.accepted += got ? 1 : 0;
    sums.mismatches += differs.empty() ? 0 : 1;
    for (const auto& each : seen) {
        if (!got) sums.plain_bytes += each.plain.size();
        if (each.raw.find(canary) != std::string::npos) sums.token_bytes += canary.size();
    }
}

void show(const std::string& what, const tally& sums)
{
    CHECK(sums.mismatches == 0);
    CHECK(sums.plain_bytes == 0);
    CHECK(sums.token_bytes == 0);
    MESSAGE(what << ": " << sums.cells << " cells, " << sums.accepted << " accepted, " << sums.cells - sums.accepted
                 << " refused, mismatches " << sums.mismatches << ", bytes of HTTP before a refusal "
                 << sums.plain_bytes << ", token bytes in the clear " << sums.token_bytes);
}

}

TEST_CASE("each kind of certificate is accepted or refused as it deserves, in TLS 1.2 and in 1.3")
{
    tally sums;
    for (auto& cell : certificate_cells())
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            CAPTURE(version);
            cell.server.oldest = cell.server.newest = version;
            try_cell(cell, sums);
        }
    show("certificates", sums);
}

TEST_CASE("each version, cipher and key exchange is agreed on or refused as it deserves")
{
    tally sums;
    for (const auto& cell : protocol_cells()) try_cell(cell, sums);
    show("protocols", sums);
}

}
