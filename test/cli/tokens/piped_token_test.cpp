#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include <sys/stat.h>

// Tokens that the program reads from a pipe, which gives them once.

using namespace cli_test;
using namespace std::chrono_literals;

namespace {

/// A pipe into which the token is written, in pieces, once it is read.
class token_pipe
{
public:
    token_pipe(const account& team, std::string name)
        : path_(team.path(std::move(name)))
    {
        REQUIRE(::mkfifo(path_.c_str(), 0600) == 0);
        writer_ = std::thread([path = path_, token = team.api.token()] {
            std::ofstream into(path);
            into << token.substr(0, 10) << std::flush;
            std::this_thread::sleep_for(100ms);
            into << token.substr(10) << '\n';
        });
    }
    token_pipe(const token_pipe&) = delete;
    token_pipe& operator=(const token_pipe&) = delete;
    ~token_pipe() { writer_.join(); }

    std::string path() const { return path_.native(); }

private:
    std::filesystem::path path_;
    std::thread writer_;
};

/// A command that reads its token from the pipe.
launch with_pipe(const account& team, const token_pipe& from, std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), {"--token-file", from.path()});
    auto how = team.command(std::move(arguments));
    how.environment.erase("DIGITALOCEAN_TOKEN");
    return how;
}

}

TEST_CASE("a token comes through a pipe, which is read once, in any number of pieces")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const std::vector<std::vector<std::string>> commands{{"clusters"}, {"kubeconfig", "show", id},
        {"kubeconfig", "fetch", "--all", "--out", team.out().native()}, {"credential", id}};
    int number = 0;
    for (const auto& each : commands) {
        CAPTURE(each.front());
        const token_pipe from(team, "pipe" + std::to_string(++number));
        const auto done = run(with_pipe(team, from, each));
        INFO(done.err);
        CHECK(done.status == 0);
    }
}

TEST_CASE("an entry for kubectl's plugin does not name a token that can be read only once")
{
    account team;
    const token_pipe from(team, "pipe");
    const auto refused = run(
        with_pipe(team, from, {"kubeconfig", "save", "--all", "--exec", "--kubeconfig", team.path("config").native()}));
    CHECK(refused.status == 2);
    CHECK(refused.err.find("read only once") != std::string::npos);
    CHECK(team.api.counts().minted == 0);
    CHECK(run(with_pipe(team, from, {"clusters"})).status == 0); // lets the writer go
}
