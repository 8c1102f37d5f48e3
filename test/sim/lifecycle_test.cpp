#include "sim/simulated.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

// The simulator from its start to its end: connections, certificates, threads.

using namespace sim_test;

namespace {

using clock = std::chrono::steady_clock;

}

TEST_CASE("two thousand clusters are ready in a moment")
{
    sim::options how = unlimited();
    how.clusters = 2000;
    auto begun = clock::now();
    sim::simulator it(how);
    CHECK(clock::now() - begun < 1s);
    CHECK(it.cluster_ids().size() == 2000);
}

TEST_CASE("the API is reachable by address and by name, with a certificate that is good for both")
{
    simulated it;
    for (const std::string host : {"127.0.0.1", "localhost"}) {
        std::string origin = "https://" + host + it.api.url().substr(it.api.url().rfind(':'));
        https_client client(origin, it.api.ca_pem());
        CHECK_MESSAGE(client.connected(), client.verified_as());
        CHECK(client.alpn() == "http/1.1");
    }
    https_client elsewhere("https://example.com" + it.api.url().substr(it.api.url().rfind(':')), it.api.ca_pem());
    CHECK_FALSE(elsewhere.connected());
    https_client strange_ca(it.api.kube_url(), it.api.ca_pem());
    CHECK_FALSE(strange_ca.connected());
}

TEST_CASE("the CA is in a private file that is removed with the simulator")
{
    std::string path;
    {
        sim::simulator it;
        path = it.ca_file();
        std::ifstream in(path);
        CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == it.ca_pem());
        struct stat about
        {};
        REQUIRE(::stat(path.c_str(), &about) == 0);
        CHECK((about.st_mode & 0777) == 0600);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("without TLS the API speaks plain HTTP")
{
    sim::options how = unlimited();
    how.plain_http = true;
    simulated it(how);
    CHECK(it.api.url().starts_with("http://127.0.0.1:"));
    https_client client(it.api.url(), "");
    CHECK(client.get(it.kubeconfig(), it.api.token()).status == 200);
    it.api.script({.kind = sim::fault_kind::truncate, .offset = 10});
    client.get(it.kubeconfig(), it.api.token());
    CHECK(client.finished() == finish::closed);
}

TEST_CASE("requests follow each other on one connection, pipelined ones in order")
{
    simulated it;
    https_client client = it.connect();
    for (int i = 0; i < 5; ++i) CHECK(client.get(it.kubeconfig(), it.api.token()).status == 200);
    std::string two;
    for (const auto& id : it.api.cluster_ids())
        two += "GET " + it.path_of(id, "kubeconfig") + " HTTP/1.1\r\nHost: x\r\nAuthorization: bearer " +
               it.api.token() + "\r\n\r\n";
    client.send(two);
    for (const auto& id : it.api.cluster_ids())
        CHECK(it.api.cluster_of(yaml_value(client.receive().body, "token")) == id);
    CHECK(it.api.counts().connections == 1);
}

TEST_CASE("a client that asks for Connection: close gets it")
{
    simulated it;
    https_client client = it.connect();
    client.send("GET /v2/account HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(client.receive().header("connection") == "close");
    CHECK(client.receive_all().after == finish::closed);
}

TEST_CASE("bodies come in chunks on demand")
{
    sim::options how = unlimited();
    how.chunked = true;
    simulated it(how);
    response answer = it.get(it.kubeconfig());
    CHECK(answer.header("transfer-encoding") == "chunked");
    CHECK_FALSE(answer.has("content-length"));
    CHECK(it.api.cluster_of(yaml_value(answer.body, "token")) == it.api.cluster_ids().front());
}

TEST_CASE("an idle connection is closed after its time, a busy one is not")
{
    sim::options how = unlimited();
    how.close_idle_after = 60ms;
    how.latency = {50ms, 50ms};
    simulated it(how);
    https_client client = it.connect();
    CHECK(client.get(it.kubeconfig(), it.api.token()).status == 200);
    auto begun = clock::now();
    CHECK(client.receive_all().after == finish::closed);
    CHECK(clock::now() - begun < 2s);
}

TEST_CASE("idle connections can be closed by hand")
{
    simulated it;
    https_client client = it.connect();
    CHECK(client.get(it.kubeconfig(), it.api.token()).status == 200);
    it.api.close_idle_connections();
    CHECK(client.receive_all().after == finish::closed);
    CHECK(it.get(it.kubeconfig()).status == 200);
}

TEST_CASE("the response to a connection's last request says Connection: close")
{
    sim::options how = unlimited();
    how.max_requests_per_connection = 2;
    simulated it(how);
    https_client client = it.connect();
    CHECK(client.get(it.kubeconfig(), it.api.token()).header("connection") == "keep-alive");
    CHECK(client.get(it.kubeconfig(), it.api.token()).header("connection") == "close");
    CHECK(client.receive_all().after == finish::closed);
}

TEST_CASE("a simulator with busy, idle, stalled and dripping clients is gone within a moment")
{
    std::vector<std::unique_ptr<https_client>> clients;
    auto it = std::make_unique<simulated>();
    it->api.script({.kind = sim::fault_kind::stall_body}, {}, 20);
    it->api.script({.kind = sim::fault_kind::drip, .delay = 1s}, {}, 20);
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<https_client>(it->api.url(), it->api.ca_pem()));
        if (i % 2) clients.back()->send("GET " + it->kubeconfig() + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    it->api.set_latency({10s, 10s});
    for (auto& each : clients) each->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(it->api.wait_for_requests(20, 3s));
    auto begun = clock::now();
    it.reset();
    CHECK(clock::now() - begun < 500ms);
}

TEST_CASE("every member may be called from any thread while clients are served")
{
    simulated it;
    std::atomic<bool> done = false;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            https_client client(it.api.url(), it.api.ca_pem());
            for (int n = 0; n < 100; ++n) client.get(it.kubeconfig(), it.api.token());
        });
    std::thread meddler([&] {
        while (!done) {
            it.api.add_token({.label = "extra"});
            it.api.set_latency({});
            it.api.set_cluster(it.api.cluster(it.api.cluster_ids().back()));
            (void)it.api.journal();
        }
    });
    CHECK(it.api.wait_for_requests(400, 30s));
    for (auto& each : threads) each.join();
    done = true;
    meddler.join();
    CHECK(it.api.counts().requests == 400);
    CHECK(it.api.counts().max_in_flight <= 4);
    CHECK_FALSE(it.api.wait_for_requests(401, 1ms));
}

TEST_CASE("a port that is taken is an error that names it")
{
    sim::simulator first;
    sim::options how;
    how.port = static_cast<std::uint16_t>(std::stoul(first.url().substr(first.url().rfind(':') + 1)));
    CHECK_THROWS_WITH_AS(sim::simulator{how}, doctest::Contains(std::to_string(how.port).c_str()), std::system_error);
}

TEST_CASE("no descriptor of the simulator is inherited by a child process, and none is left behind")
{
    auto open_now = [] {
        std::size_t count = 0;
        for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
            int number = std::stoi(each.path().filename());
            int flags = ::fcntl(number, F_GETFD);
            bool listing = flags >= 0 && std::filesystem::is_directory(each.path());
            if (number > 2 && !listing) ++count;
        }
        return count;
    };
    std::size_t before = open_now();
    {
        simulated it;
        https_client client = it.connect();
        client.get(it.kubeconfig(), it.api.token());
        // By their names in /proc: the server may close one meanwhile, and a look at the descriptor would race with that.
        for (int number = 3; number < 256; ++number) {
            std::error_code none;
            const auto name = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(number), none).string();
            int flags = ::fcntl(number, F_GETFD);
            if (flags >= 0 && name.starts_with("socket:")) CHECK((flags & FD_CLOEXEC) != 0);
        }
    }
    CHECK(open_now() == before);
}
