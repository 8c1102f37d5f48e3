#include "cli/kubectl/kubectl_home.hpp"
#include "cli/plugin/plugin.hpp"
#include "cli/watch/watched.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>

// A reader that stops reading holds up neither work nor signals, and what was minted is on disk.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// Which of the streams are full pipes.
struct stuck_streams
{
    const char* name;
    output_stream results;
    error_stream errors;
};

constexpr stuck_streams stuck[] = {{"stdout", output_stream::stuck, error_stream::file},
    {"stderr", output_stream::file, error_stream::stuck}, {"both", output_stream::stuck, error_stream::stuck}};

launch with(launch how, const stuck_streams& streams)
{
    how.results = streams.results;
    how.errors = streams.errors;
    return how;
}

std::size_t files_in(const fs::path& directory)
{
    std::error_code none;
    std::size_t count = 0;
    for (const auto& each : fs::directory_iterator(directory, none))
        count += each.path().extension() == ".yaml" ? 1 : 0;
    return count;
}

/// How long it takes to end after these signals, 50 ms apart.
std::chrono::milliseconds ends_after(child& running, unsigned signals)
{
    const auto begin = std::chrono::steady_clock::now();
    for (unsigned i = 0; i < signals; ++i) {
        if (i > 0) std::this_thread::sleep_for(50ms);
        running.send(SIGTERM);
    }
    running.wait(15s);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

}

TEST_CASE("a fetch whose readers have stopped stores every minted credential, and ends at the first signal")
{
    for (const auto& streams : stuck) {
        INFO(std::string(streams.name));
        account team(unlimited(300));
        child running(with(team.fetch({"--trace", "--progress", "always"}), streams));
        CHECK(comes_true([&] { return files_in(team.out()) == 300; }));
        const auto took = ends_after(running, 1);
        CHECK(took < 5s);
        MESSAGE(std::string(streams.name) << ": ended " << took.count() << " ms after SIGTERM");
        CHECK(stored_ids(team.out()).size() == team.api.counts().minted);
        CHECK(stray_files(team.out()).empty());
    }
}

TEST_CASE("a second signal ends a fetch at once, though its readers have stopped")
{
    for (const auto& streams : stuck) {
        INFO(std::string(streams.name));
        auto how = unlimited(200);
        how.latency = doks::sim::parse_latency("200ms");
        account team(how);
        child running(with(team.fetch({"--connections", "2"}), streams));
        CHECK(comes_true([&] { return files_in(team.out()) > 2; }));
        const auto took = ends_after(running, 2);
        CHECK(took < 2s);
        MESSAGE(std::string(streams.name) << ": ended " << took.count() << " ms after the first of two signals");
    }
}

TEST_CASE("a watch whose readers have stopped keeps renewing, and ends at a signal within its bound")
{
    for (const auto& streams : stuck) {
        INFO(std::string(streams.name));
        account team(unlimited(20));
        child running(with(watch(team, {"--all", "--expiry", "3s", "--trace"}), streams));
        CHECK(comes_true([&] { return team.api.counts().minted >= 100; }));
        const auto took = ends_after(running, 1);
        CHECK(took < 7s);
        MESSAGE(std::string(streams.name) << ": ended " << took.count() << " ms after SIGTERM");
        CHECK(stray_files(team.out()).empty());
    }
}

TEST_CASE("save writes kubectl's file though its output is not read, and leaves no lock")
{
    for (const auto& streams : stuck) {
        INFO(std::string(streams.name));
        account team;
        child running(with(team.command({"kubeconfig", "save", "--all"}), streams));
        const auto config = team.path(".kube/config");
        CHECK(comes_true([&] { return count_of(content(config), "    token: ") == 3; }));
        CHECK(comes_true([&] { return !fs::exists(config.string() + ".lock"); }));
        CHECK(ends_after(running, 1) < 3s);
    }
}

TEST_CASE("a reader that is gone is not reported as an error, and the work is done")
{
    account team(unlimited(20));
    for (const bool fetches : {false, true}) {
        auto how = fetches ? team.fetch() : team.command({"clusters"});
        how.results = output_stream::abandoned;
        const auto ended = run(how);
        CHECK(ended.status == 1);
        CHECK(count_of(ended.err, "standard output") == 0);
        CHECK(count_of(ended.err, "pipe") == 0);
    }
    CHECK(files_in(team.out()) == 20);
}

TEST_CASE("a report that cannot be written stops no fetch, and is named once at its end")
{
    account team(unlimited(50));
    auto how = team.fetch();
    how.results = output_stream::full;
    const auto ended = run(how);
    CHECK(ended.status == 1);
    CHECK(count_of(ended.err, "standard output: No space left on device") == 1);
    CHECK(count_of(ended.err, "50 of 50 done") == 1);
    CHECK(files_in(team.out()) == 50);
}

TEST_CASE("a limit on the size of files is reported as an error, with no lock and no part of a file left")
{
    account team;
    auto fetch = team.fetch();
    fetch.limits[RLIMIT_FSIZE] = 1024;
    const auto fetched = run(fetch);
    CHECK(fetched.status == 1);
    CHECK(count_of(fetched.err, "File too large") >= 1);
    CHECK(files_in(team.out()) == 0);
    CHECK(stray_files(team.out()).empty());
    auto save = team.command({"kubeconfig", "save", "--all"});
    save.limits[RLIMIT_FSIZE] = 1024;
    const auto saved = run(save);
    CHECK(saved.status == 1);
    CHECK(count_of(saved.err, "File too large") >= 1);
    CHECK_FALSE(fs::exists(team.path(".kube/config")));
    CHECK_FALSE(fs::exists(team.path(".kube/config.lock")));
    CHECK(stray_files(team.path(".kube")).empty());
}
