#include "sim/simulated.hpp"

#include <doctest/doctest.h>

// Each fault of the simulator as a client on a socket sees it.

using namespace sim_test;
using sim::fault_kind;

namespace {

/// A fault of this kind.
sim::fault of(fault_kind kind, std::optional<std::size_t> offset = {})
{
    sim::fault what;
    what.kind = kind;
    what.offset = offset;
    return what;
}

/** Asks for a kubeconfig that meets the fault; everything that the client saw. */
response meet(simulated& it, sim::fault what, std::chrono::milliseconds patience = 3s)
{
    it.api.script(std::move(what));
    https_client client = it.connect(patience);
    client.send(
        "GET " + it.kubeconfig() + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + it.api.token() + "\r\n\r\n");
    return client.receive_all();
}

sim::journal_entry last(simulated& it) { return it.api.journal().back(); }

/** The status of the one complete response, and nothing behind it; 0 otherwise. */
unsigned only_status(const response& all)
{
    std::string left = all.raw;
    auto first = take_response(left);
    return first && left.empty() ? first->status : 0;
}

}

TEST_CASE("refuse resets the connection before TLS")
{
    simulated it;
    it.api.script(of(fault_kind::refuse));
    https_client client = it.connect();
    CHECK_FALSE(client.connected());
    CHECK(client.finished() == finish::reset);
    CHECK(it.api.counts().connections == 1);
    CHECK(it.api.counts().requests == 0);
    CHECK(it.api.counts().faults.at("refuse") == 1);
    CHECK(it.get(it.kubeconfig()).status == 200);
}

TEST_CASE("stall_handshake sends nothing")
{
    simulated it;
    it.api.script(of(fault_kind::stall_handshake));
    https_client client = it.connect(100ms);
    CHECK_FALSE(client.connected());
    CHECK(client.finished() == finish::silent);
}

TEST_CASE("reset_before sends nothing and the API never sees the request")
{
    simulated it;
    response all = meet(it, of(fault_kind::reset_before));
    CHECK(all.raw.empty());
    CHECK(all.after == finish::reset);
    CHECK(last(it).fault == "reset-before");
    CHECK(last(it).status == 0);
    CHECK_FALSE(last(it).minted);
    CHECK(it.api.counts().minted == 0);
    CHECK(it.api.counts().kubeconfig_requests == 1);
}

TEST_CASE("reset_at sends exactly that many bytes of a processed response")
{
    simulated it;
    for (std::size_t offset : {0, 1, 40, 700}) {
        response all = meet(it, of(fault_kind::reset_at, offset));
        CHECK(all.raw.size() == offset);
        CHECK(all.after == finish::reset);
        CHECK(last(it).status == 200);
        CHECK(last(it).minted);
    }
    CHECK(it.api.counts().minted == 4);
}

TEST_CASE("truncate ends with a FIN and no close_notify")
{
    simulated it;
    for (std::size_t offset : {0, 9, 500}) {
        response all = meet(it, of(fault_kind::truncate, offset));
        CHECK(all.raw.size() == offset);
        CHECK(all.after == finish::cut);
        CHECK(last(it).minted);
    }
    response whole = meet(it, of(fault_kind::truncate, 1'000'000));
    CHECK(only_status(whole) == 200);
    CHECK(whole.after == finish::cut);
}

TEST_CASE("without an offset the fault strikes somewhere in the response")
{
    simulated it;
    for (int i = 0; i < 10; ++i) CHECK(only_status(meet(it, of(fault_kind::truncate))) == 0);
}

TEST_CASE("reset_after and close_after deliver the whole response first")
{
    simulated it;
    response reset = meet(it, of(fault_kind::reset_after));
    CHECK(only_status(reset) == 200);
    CHECK(reset.after == finish::reset);
    response closed = meet(it, of(fault_kind::close_after));
    CHECK(only_status(closed) == 200);
    CHECK(closed.after == finish::closed);
    CHECK(closed.raw.find("connection: keep-alive") != std::string::npos);
}

TEST_CASE("a stall holds the connection open")
{
    simulated it;
    response first = meet(it, of(fault_kind::stall_first_byte), 150ms);
    CHECK(first.raw.empty());
    CHECK(first.after == finish::silent);
    CHECK_FALSE(last(it).minted);
    response body = meet(it, of(fault_kind::stall_body, 600), 150ms);
    CHECK(body.raw.size() == 600);
    CHECK(body.after == finish::silent);
    CHECK(last(it).minted);
}

TEST_CASE("a stalled connection is closed when its client goes away")
{
    simulated it;
    meet(it, of(fault_kind::stall_first_byte), 50ms);
    auto until = std::chrono::steady_clock::now() + 3s;
    while (it.api.counts().open_connections > 0 && std::chrono::steady_clock::now() < until) it.get("/v2/account");
    CHECK(it.api.counts().open_connections <= 1);
}

TEST_CASE("drip sends one byte at a time")
{
    simulated it;
    sim::fault what = of(fault_kind::drip);
    what.delay = 100us;
    it.api.script(what);
    https_client client = it.connect();
    auto begun = std::chrono::steady_clock::now();
    response answer = client.get(it.kubeconfig(), it.api.token());
    CHECK(answer.status == 200);
    CHECK(std::chrono::steady_clock::now() - begun >= 100us * 1000);
}

TEST_CASE("status is an error of the API with rate headers, counted and minting nothing")
{
    sim::options how;
    simulated it(how);
    sim::fault what = of(fault_kind::status);
    what.status = 503;
    it.api.script(what);
    response plain = it.get(it.kubeconfig());
    CHECK(plain.status == 503);
    CHECK(text(json_in(plain).at("id")) == "service_unavailable");
    CHECK_FALSE(plain.has("retry-after"));
    CHECK(plain.header("ratelimit-remaining") == "4999");
    what.retry_after = 7;
    it.api.script(what);
    CHECK(it.get(it.kubeconfig()).header("retry-after") == "7");
    CHECK(last(it).counted);
    CHECK_FALSE(last(it).minted);
}

TEST_CASE("status can carry any body, even a broken kubeconfig")
{
    simulated it;
    sim::fault what = of(fault_kind::status);
    what.status = 200;
    what.body = std::string(10'000'000, 'x');
    what.content_type = "application/yaml";
    it.api.script(what);
    response huge = it.get(it.kubeconfig());
    CHECK(huge.status == 200);
    CHECK(huge.header("content-type") == "application/yaml");
    CHECK(huge.body.size() == 10'000'000);
    what.body = "";
    it.api.script(what);
    CHECK(it.get(it.kubeconfig()).header("content-length") == "0");
}

TEST_CASE("status_html is a page of something in front of the API")
{
    simulated it(sim::options{});
    for (unsigned status : {502u, 520u, 200u}) {
        sim::fault what = of(fault_kind::status_html);
        what.status = status;
        it.api.script(what);
        response page = it.get(it.kubeconfig());
        CHECK(page.status == status);
        CHECK(page.header("content-type") == "text/html; charset=UTF-8");
        CHECK(page.body.starts_with("<!DOCTYPE html>"));
        CHECK_FALSE(page.has("ratelimit-limit"));
        CHECK_FALSE(page.has("x-request-id"));
        CHECK_FALSE(last(it).counted);
        CHECK_FALSE(last(it).minted);
    }
}

TEST_CASE("garbage is no HTTP, or exactly the bytes of the script")
{
    simulated it;
    response noise = meet(it, of(fault_kind::garbage));
    CHECK_FALSE(noise.raw.empty());
    CHECK_FALSE(noise.raw.starts_with("HTTP/"));
    CHECK(noise.after == finish::closed);
    sim::fault what = of(fault_kind::garbage);
    what.body = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello";
    CHECK(meet(it, what).raw == *what.body);
    CHECK_FALSE(last(it).minted);
}

TEST_CASE("extra_bytes and extra_late send strange bytes after a whole response")
{
    simulated it;
    for (fault_kind kind : {fault_kind::extra_bytes, fault_kind::extra_late}) {
        response all = meet(it, of(kind), 200ms);
        std::string left = all.raw;
        auto own = take_response(left);
        REQUIRE(own);
        CHECK(it.api.cluster_of(yaml_value(own->body, "token")) == it.api.cluster_ids().front());
        auto stray = take_response(left);
        REQUIRE(stray);
        CHECK(
            yaml_value(stray->body, "server") == "https://00000000-0000-4000-8000-000000000000.k8s.ondigitalocean.com");
        CHECK(left.empty());
        CHECK(all.after == finish::silent);
    }
    sim::fault what = of(fault_kind::extra_bytes);
    what.body = "X";
    CHECK(meet(it, what, 200ms).raw.ends_with("\nX"));
}

TEST_CASE("wrong_cluster returns the kubeconfig of another cluster")
{
    simulated it;
    it.api.script(of(fault_kind::wrong_cluster));
    response answer = it.get(it.kubeconfig());
    CHECK(answer.status == 200);
    CHECK(it.api.cluster_of(yaml_value(answer.body, "token")) == it.api.cluster_ids()[1]);
    CHECK(it.api.counts().minted_by_cluster.contains(it.api.cluster_ids()[1]));
    CHECK(it.api.counts().kubeconfig_requests_by_cluster.contains(it.api.cluster_ids()[0]));
}

TEST_CASE("scripted faults strike in order, by path, the given number of times")
{
    simulated it;
    sim::fault busy = of(fault_kind::status);
    it.api.script({}, it.kubeconfig());
    it.api.script(busy, it.kubeconfig(), 2);
    CHECK(it.get("/v2/kubernetes/clusters").status == 200);
    CHECK(it.get(it.kubeconfig()).status == 200);
    CHECK(it.get(it.kubeconfig()).status == 503);
    CHECK(it.get("/v2/kubernetes/clusters").status == 200);
    CHECK(it.get(it.kubeconfig()).status == 503);
    CHECK(it.get(it.kubeconfig()).status == 200);
}

TEST_CASE("faults by rate strike about as often as requested, and alike for the same seed")
{
    auto run = [](std::uint64_t seed) {
        sim::options how = unlimited();
        how.faults = sim::parse_faults("503=20%,html-502=0.1");
        how.seed = seed;
        simulated it(how);
        https_client client = it.connect();
        std::string statuses;
        for (int i = 0; i < 1000; ++i)
            statuses += std::to_string(client.get(it.kubeconfig(), it.api.token()).status) + " ";
        auto faults = it.api.counts().faults;
        CHECK((faults["status"] > 150 && faults["status"] < 250));
        CHECK((faults["html"] > 60 && faults["html"] < 140));
        CHECK(it.api.counts().minted == 1000 - faults["status"] - faults["html"]);
        return statuses;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}
