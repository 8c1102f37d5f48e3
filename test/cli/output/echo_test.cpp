#include "cli/child.hpp"

#include "support/long_form.hpp"
#include "support/secrets/echo_api.hpp"
#include "support/secrets/encoders.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

// The program before an intermediary that echoes the request: no secret is in its output, its trace, its report or a file.

using namespace cli_test;
using namespace std::chrono_literals;
using doks::test::echo_api;
namespace fs = std::filesystem;

namespace {

/// The program's home, and all that it says.
class user
{
public:
    user(const echo_api& api, std::string token)
        : url_(api.url())
        , token_(std::move(token))
    {}

    launch command(std::vector<std::string> arguments) const
    {
        launch how;
        how.arguments = std::move(arguments);
        for (const char* each : {"--rate-limit", "off", "--attempts", "1", "--timeout", "400ms", "--api-url"})
            how.arguments.emplace_back(each);
        how.arguments.push_back(url_);
        how.environment = {{"DIGITALOCEAN_TOKEN", token_}, {"HOME", home_.path()}};
        return how;
    }
    void run(std::vector<std::string> arguments)
    {
        const auto done = cli_test::run(command(std::move(arguments)));
        said_ += done.out + done.err;
        ++runs_;
    }
    /// Ended after a moment.
    void watch(std::vector<std::string> arguments)
    {
        child watch_service(command(std::move(arguments)));
        std::this_thread::sleep_for(300ms);
        watch_service.send(SIGTERM);
        const auto done = watch_service.wait();
        said_ += done.out + done.err;
        ++runs_;
    }
    std::string path(const std::string& name) const { return home_.path() / name; }

    /// All that was said and written, the names of files included.
    std::string everything() const
    {
        std::string all = said_;
        for (const auto& each : fs::recursive_directory_iterator(home_.path())) {
            all += each.path().string() + '\n';
            if (each.is_regular_file()) all += content(each.path());
        }
        return all;
    }
    std::size_t runs() const noexcept { return runs_; }

private:
    std::string url_;
    std::string token_;
    doks::test::scratch_folder home_;
    std::string said_;
    std::size_t runs_ = 0;
};

/// Every command that sends a request.
void run_everything(user& who, echo_api& api)
{
    const std::string id = echo_api::cluster_id;
    std::ofstream(who.path("ids")) << id << "\n00000000-0000-4000-8000-000000000000\n";
    who.run({"clusters"});
    who.run({"clusters", "--output", "json", "--trace"});
    who.run({"kubeconfig", "show", id, "--trace"});
    who.run({"kubeconfig", "show", "one"});
    who.run({"kubeconfig", "fetch", "--all", "--out", who.path("all"), "--trace"});
    who.run({"kubeconfig", "fetch", "--ids", who.path("ids"), "--out", who.path("some"), "--output", "json"});
    who.run({"kubeconfig", "save", id, "--kubeconfig", who.path("config"), "--trace"});
    who.run({"kubeconfig", "save", "--all", "--exec", "--kubeconfig", who.path("config")});
    who.run({"credential", id, "--trace"});
    who.watch({"kubeconfig", "watch", "--ids", who.path("ids"), "--out", who.path("kept"), "--trace"});
    api.honest_about = "/kubeconfig";
    who.run({"kubeconfig", "fetch", "--ids", who.path("ids"), "--out", who.path("some"), "--trace"});
    who.run({"kubeconfig", "save", id, "--kubeconfig", who.path("config"), "--output", "json"});
    who.run({"credential", id});
}

}

TEST_CASE("no API token is in any output, report, trace or file while an intermediary echoes the requests")
{
    std::mt19937_64 random(20261127);
    const std::size_t rounds = doks::test::is_long() ? 200 : 8;
    std::size_t runs = 0;
    std::size_t answers = 0;
    std::string all;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto token = round % 2 ? doks::test::random_token(random)
                                     : doks::test::random_text(random, "ABCDwxyz0123456789-._~+=", 24 + round % 40);
        echo_api api(random());
        user who(api, token);
        run_everything(who, api);
        const auto said = who.everything();
        const auto leaked = doks::test::leak_finder(token).find(said);
        CAPTURE(token);
        CHECK_MESSAGE(leaked.empty(), leaked);
        all += said;
        runs += who.runs();
        answers += api.answered();
    }
    CHECK(count_of(all, "[redacted]") > 0);
    CHECK(answers > runs / 2);
    MESSAGE(runs << " runs of the program, " << answers << " echoing answers, " << all.size() / 1024
                 << " KiB said and written: tokens found 0");
}
