#include "account.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <csignal>

using namespace cli_test;
using namespace std::chrono_literals;

TEST_CASE("one process simulates, another one fetches")
{
    doks::cli::scratch_directory place;
    auto journal = place.path() / "journal";
    auto out = place.path() / "out";
    launch serve;
    serve.arguments = {"sim", "--clusters", "50", "--rate-limit", "off", "--journal", journal, "--fault", "mixed=10%"};
    child sim(serve);
    sim.wait_for_out("\n");
    auto ready = boost::json::parse(sim.out()).as_object();
    std::string token(ready["token"].as_string());
    std::string ca_file(ready["ca_file"].as_string());
    launch fetch;
    fetch.arguments = {"kubeconfig", "fetch", "--all", "--out", out, "--rate-limit", "off", "--ca-file", ca_file};
    fetch.environment = {
        {"DIGITALOCEAN_TOKEN", token}, {"DIGITALOCEAN_API_URL", std::string(ready["url"].as_string())}};
    auto done = run(fetch);
    CHECK(done.status == 0);
    CHECK(stored_ids(out).size() == 50);
    sim.send(SIGTERM);
    auto ended = sim.wait(10s);
    CHECK(ended.status == 0);
    CHECK(count_of(ended.out, "\n") == 1);
    CHECK_FALSE(std::filesystem::exists(ca_file));
    auto lines = text_of(journal);
    CHECK(count_of(lines, "/kubeconfig?") + count_of(lines, "/kubeconfig\"") >= 50);
    CHECK(count_of(lines, token) == 0);
}

TEST_CASE("the simulator writes DigitalOcean's own names where it is told to")
{
    launch serve;
    serve.arguments = {"sim", "--clusters", "1", "--kube-names", "real"};
    child sim(serve);
    sim.wait_for_out("\n");
    auto ready = boost::json::parse(sim.out()).as_object();
    launch show;
    show.environment = {{"DIGITALOCEAN_TOKEN", std::string(ready["token"].as_string())}};
    show.arguments = {"kubeconfig", "show", "cluster-1", "--api-url", std::string(ready["url"].as_string()),
        "--ca-file", std::string(ready["ca_file"].as_string())};
    auto done = run(show);
    CHECK(done.status == 0);
    CHECK(count_of(done.out, ".k8s.ondigitalocean.com") == 1);
}

TEST_CASE("a port that is taken and a journal that cannot be written are named")
{
    account taken;
    auto port = taken.api.url().substr(taken.api.url().rfind(':') + 1);
    launch how;
    how.arguments = {"sim", "--port", port};
    auto done = run(how);
    CHECK(done.status == 1);
    CHECK(count_of(done.err, "in use") == 1);
    how.arguments = {"sim", "--journal", "/nonexistent/journal"};
    done = run(how);
    CHECK(done.status == 1);
    CHECK(count_of(done.err, "/nonexistent/journal") == 1);
}

TEST_CASE("the demo fetches every cluster and leaves nothing behind")
{
    doks::cli::scratch_directory place;
    launch how;
    how.arguments = {"demo", "--clusters", "300"};
    how.environment = {{"TMPDIR", place.path()}};
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "fetched               300\n") == 1);
    CHECK(count_of(done.out, "failed                0\n") == 1);
    CHECK(count_of(done.out, "credentials minted    300\n") == 1);
    CHECK(count_of(done.out, "refused (429)         0\n") == 1);
    CHECK(count_of(done.err, "250/500ms,5000/30s") == 1);
    CHECK(std::filesystem::is_empty(place.path()));
}

TEST_CASE("the demo keeps the kubeconfigs where it is told to, and tells in JSON")
{
    doks::cli::scratch_directory place;
    launch how;
    how.arguments = {"demo", "--clusters", "20", "--out", place.path() / "kept", "--output", "json"};
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(stored_ids(place.path() / "kept").size() == 20);
    auto line = boost::json::parse(done.out).as_object();
    CHECK(line["fetched"].to_number<int>() == 20);
    CHECK(line["of_another_cluster"].to_number<int>() == 0);
}
