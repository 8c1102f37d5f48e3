#include "sim/simulated.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <system_error>

using namespace sim_test;

namespace {

/** A path in the temporary directory, removed before and after. */
struct scratch_file
{
    scratch_file() { std::filesystem::remove(path); }
    ~scratch_file() { std::filesystem::remove(path); }

    std::string content() const
    {
        std::ifstream in(path);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::vector<boost::json::object> lines() const
    {
        std::ifstream in(path);
        std::vector<boost::json::object> all;
        for (std::string line; std::getline(in, line);) all.push_back(boost::json::parse(line).as_object());
        return all;
    }

    std::string path = std::filesystem::temp_directory_path() / ("doks-sim-journal-" + std::to_string(::getpid()));
};

}

TEST_CASE("the journal has one line for each request and for each mint")
{
    scratch_file file;
    sim::options how;
    how.journal_file = file.path;
    simulated it(how);
    std::string id = it.api.cluster_ids().front();
    response answer = it.get(it.kubeconfig() + "?expiry_seconds=60");
    it.get("/v2/kubernetes/clusters", "unknown");
    auto lines = file.lines();
    REQUIRE(lines.size() == 3);
    CHECK(text(lines[0].at("event")) == "mint");
    CHECK(text(lines[0].at("cluster")) == id);
    CHECK(text(lines[0].at("form")) == "token");
    CHECK(text(lines[0].at("token")) == "token");
    CHECK(text(lines[1].at("event")) == "request");
    CHECK(text(lines[1].at("method")) == "GET");
    CHECK(text(lines[1].at("path")) == it.kubeconfig() + "?expiry_seconds=60");
    CHECK(lines[1].at("status") == 200);
    CHECK(lines[1].at("minted") == true);
    CHECK(lines[1].at("counted") == true);
    CHECK(lines[1].at("connection") == 1);
    CHECK(text(lines[1].at("request_id")) == answer.header("x-request-id"));
    CHECK(lines[2].at("status") == 401);
    CHECK(lines[2].at("connection") == 2);
    CHECK(text(lines[2].at("token")).empty());
    struct stat about
    {};
    REQUIRE(::stat(file.path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("the journal in memory agrees with its totals")
{
    simulated it;
    it.api.script({.kind = sim::fault_kind::reset_before});
    for (int i = 0; i < 3; ++i) it.get(it.kubeconfig());
    it.get(it.path_of(it.api.cluster_ids()[1], "credentials"));
    auto counts = it.api.counts();
    CHECK(counts.requests == 4);
    CHECK(counts.kubeconfig_requests == 3);
    CHECK(counts.minted == 3);
    CHECK(counts.connections == 4);
    CHECK(counts.max_in_flight == 1);
    CHECK(counts.kubeconfig_requests_by_cluster.at(it.api.cluster_ids()[0]) == 3);
    CHECK(counts.minted_by_cluster.at(it.api.cluster_ids()[0]) == 2);
    CHECK(counts.minted_by_cluster.at(it.api.cluster_ids()[1]) == 1);
    auto entries = it.api.journal();
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].fault == "reset-before");
    CHECK(entries[1].token == "token");
    CHECK(entries[3].cluster == it.api.cluster_ids()[1]);
}

TEST_CASE("the journal holds no secret, whatever happens")
{
    scratch_file file;
    sim::options how = unlimited();
    how.journal_file = file.path;
    how.faults = sim::mixed_faults(0.5);
    simulated it(how);
    std::vector<std::string> secrets{it.api.token()};
    std::string old = it.api.set_cluster({.form = sim::credential_form::certificate});
    for (int i = 0; i < 40; ++i) {
        it.get(it.path_of(old, "kubeconfig"));
        std::string body = it.get(it.kubeconfig()).body;
        if (std::string minted = yaml_value(body, "token"); !minted.empty()) secrets.push_back(minted);
    }
    CHECK(secrets.size() > 5);
    std::string content = file.content();
    for (const std::string& secret : secrets) CHECK(content.find(secret.substr(secret.size() - 16)) == content.npos);
    CHECK(content.find("PRIVATE KEY") == content.npos);
    CHECK(content.find("Bearer") == content.npos);
}

TEST_CASE("a journal file that cannot be opened is an error that names it")
{
    sim::options how;
    how.journal_file = "/nowhere/journal";
    CHECK_THROWS_WITH_AS(sim::simulator{how}, doctest::Contains("/nowhere/journal"), std::system_error);
}
