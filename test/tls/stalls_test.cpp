#include "support/long_form.hpp"
#include "tls/caller.hpp"
#include "tls/matrix.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

// Peers that stop, end or break off at every step of a handshake and of a response, and peers that never say goodbye.

namespace doks::test {

namespace {

using std::chrono::steady_clock;
using cut = server_profile::cut;

/// Where a silence is to end; where none is to come, the machine may be busy.
constexpr steady_clock::duration short_bound = 80ms, long_bound = 3s;

/// The cells so far, and the longest call and close among them.
struct sums
{
    unsigned cells = 0, hangs = 0, unexpected = 0;
    steady_clock::duration longest_call{}, longest_close{};
};

double in_ms(steady_clock::duration of) { return std::chrono::duration<double, std::milli>(of).count(); }

/// A client whose connects and requests end after this time.
client_config bounded(const tls_server& server, steady_clock::duration bound)
{
    auto made = trusting(usual_root().pem(), server.url());
    made.attempts = 1;
    made.timeouts.tls = made.timeouts.first_byte = made.timeouts.body_idle = bound;
    made.timeouts.attempt = 2 * bound;
    return made;
}

result<kubeconfig> one_call(const tls_server& server, sums& all, steady_clock::duration bound = long_bound)
{
    caller one(bounded(server, bound));
    const auto begin = steady_clock::now();
    auto got = one.call();
    const auto took = steady_clock::now() - begin;
    const auto closing = one.close();
    ++all.cells;
    all.longest_call = (std::max)(all.longest_call, took);
    all.longest_close = (std::max)(all.longest_close, closing);
    all.hangs += took > 1s || closing > 1s ? 1 : 0;
    return got;
}

void show(const char* what, const sums& all)
{
    CHECK(all.hangs == 0);
    CHECK(all.unexpected == 0);
    MESSAGE(std::string(what) << ": " << all.cells << " cells, hangs " << all.hangs << ", unexpected outcomes "
                              << all.unexpected << ", longest call " << in_ms(all.longest_call) << " ms, longest close "
                              << in_ms(all.longest_close) << " ms");
}

/// Where the server's records end, and two places within each.
std::vector<std::size_t> places_of(const seen_connection& whole)
{
    std::vector<std::size_t> all = {0};
    std::size_t from = 0;
    for (const auto end : whole.record_ends) {
        for (const auto at : {from + 3, (from + end) / 2, end - 1, end})
            if (at > all.back()) all.push_back(at);
        from = end;
    }
    return all;
}

bool is_fitting(const result<kubeconfig>& got, cut then)
{
    if (got) return true;
    if (then == cut::stall) return got.error() == condition::timeout;
    return got.error() == condition::transient;
}

}

TEST_CASE("a peer that stops, ends or breaks off anywhere is given up within the bound of its phase")
{
    sums all;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_server server(speaking(version));
        REQUIRE(one_call(server, all).has_value());
        server.close_all();
        const auto whole = server.seen().front();
        const auto places = places_of(whole);
        for (const auto at : places)
            for (const cut then : {cut::stall, cut::end, cut::reset}) {
                CAPTURE(version);
                CAPTURE(at);
                CAPTURE(static_cast<int>(then));
                auto how = speaking(version);
                how.cut_after = at;
                how.then = then;
                server.become(how);
                const auto got = one_call(server, all, then == cut::stall ? short_bound : long_bound);
                INFO((got ? "" : got.error().message()));
                const bool fits = is_fitting(got, then);
                CHECK(fits);
                all.unexpected += fits ? 0 : 1;
                server.forget();
            }
    }
    show("stopped, ended or broken off at and within each record", all);
}

TEST_CASE("every alert ends the handshake, and is named")
{
    sums all;
    for (int level = 1; level <= 2; ++level)
        for (int kind = 0; kind <= 255; kind += is_long() || kind < 121 ? 1 : 27) {
            CAPTURE(level);
            CAPTURE(kind);
            auto how = speaking(TLS1_3_VERSION);
            how.instead = std::string("\x15\x03\x03\0\2", 5) + static_cast<char>(level) + static_cast<char>(kind);
            tls_server server(how);
            const auto got = one_call(server, all);
            REQUIRE(!got);
            INFO(got.error().message());
            const bool goodbye = got.error() == errc::closed_before_response;
            const bool fits = got.error().phase() == "tls" && (got.error() == condition::tls || goodbye);
            CHECK(fits);
            all.unexpected += fits ? 0 : 1;
            if (level == 2 && kind == 40)
                CHECK(got.error().message().find("alert from the server: handshake failure") != std::string::npos);
        }
    show("alerts", all);
}

TEST_CASE("the end of a connection is as it comes: without goodbye, with one, with two, or with none to ours")
{
    sums all;
    const auto ending = [&](const char* about, void (*how_it_ends)(tls_link&)) {
        CAPTURE(std::string(about));
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            auto how = speaking(version);
            how.serve = [how_it_ends](tls_link& link) {
                if (link.read_request().empty()) return;
                link.write("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
                how_it_ends(link);
            };
            tls_server server(how);
            const auto got = one_call(server, all);
            REQUIRE(!got);
            CHECK(got.error() == condition::not_found);
            server.close_all();
        }
    };
    ending("none", [](tls_link& link) { link.end(); });
    ending("once", [](tls_link& link) { SSL_shutdown(link.ssl()), link.flush(); });
    ending("twice", [](tls_link& link) {
        SSL_shutdown(link.ssl());
        link.flush();
        SSL_set_shutdown(link.ssl(), 0);
        SSL_shutdown(link.ssl());
        link.flush();
    });
    ending("never answers ours", [](tls_link& link) { link.drain(); });
    ending("reset", [](tls_link& link) { link.reset(); });
    show("ends", all);
}

TEST_CASE("a body without a length is whole with a goodbye, and cut short without one")
{
    for (const bool orderly : {true, false}) {
        CAPTURE(orderly);
        auto how = speaking(TLS1_3_VERSION);
        how.serve = [orderly](tls_link& link) {
            if (link.read_request().empty()) return;
            link.write("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n{}");
            if (orderly) SSL_shutdown(link.ssl()), link.flush();
        };
        tls_server server(how);
        sums all;
        const auto got = one_call(server, all);
        REQUIRE(!got);
        CHECK((orderly ? got.error() == condition::not_found : got.error() == errc::truncated));
    }
}

}
