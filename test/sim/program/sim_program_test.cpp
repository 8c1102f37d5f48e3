#include "cli/account.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

// The program doks-sim in processes of its own, alone and with doks as its command.

using namespace cli_test;
using namespace std::chrono_literals;

namespace {

/// doks-sim with these words.
launch sim_launch(std::vector<std::string> arguments)
{
    launch how;
    how.program = DOKS_SIM_PROGRAM;
    how.arguments = std::move(arguments);
    return how;
}

/// doks-sim with a shell script as its command.
launch sim_script(const std::string& script) { return sim_launch({"--", "sh", "-c", script}); }

boost::json::object ready_line(child& sim)
{
    sim.wait_for_out("\n");
    return boost::json::parse(sim.out()).as_object();
}

/// doks-sim on a terminal of its own, as the terminal's foreground process, like a shell starts it.
class terminal_sim
{
public:
    explicit terminal_sim(const char* script)
    {
        id_ = ::forkpty(&master_, nullptr, nullptr, nullptr);
        if (id_ == 0) {
            for (int each : {SIGINT, SIGTERM, SIGHUP}) ::signal(each, SIG_DFL);
            ::execl(DOKS_SIM_PROGRAM, "doks-sim", "--", "sh", "-c", script, nullptr);
            ::_exit(127);
        }
    }
    terminal_sim(const terminal_sim&) = delete;
    terminal_sim& operator=(const terminal_sim&) = delete;
    ~terminal_sim() { ::close(master_); }

    void type(const char* key) const { CHECK(::write(master_, key, 1) == 1); }

    /// Reads the terminal until it shows the text, or until doks-sim has ended; at most 20 s.
    std::string shown_until(const std::string& text)
    {
        auto until = std::chrono::steady_clock::now() + 20s;
        std::array<char, 256> piece;
        while (shown_.find(text) == std::string::npos && std::chrono::steady_clock::now() < until) {
            pollfd readable{master_, POLLIN, 0};
            if (::poll(&readable, 1, 100) <= 0) continue;
            ssize_t size = ::read(master_, piece.data(), piece.size());
            if (size <= 0) break;
            shown_.append(piece.data(), static_cast<std::size_t>(size));
        }
        return shown_;
    }

    int wait() const
    {
        int status = 0;
        return ::waitpid(id_, &status, 0) == id_ && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    int master_ = -1;
    pid_t id_ = -1;
    std::string shown_;
};

}

TEST_CASE("one process simulates, another one fetches")
{
    doks::test::scratch_folder place;
    auto journal = place.path() / "journal";
    auto out = place.path() / "out";
    child sim(sim_launch({"--clusters", "50", "--rate-limit", "off", "--journal", journal, "--fault", "mixed=10%"}));
    auto ready = ready_line(sim);
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
    auto lines = content(journal);
    CHECK(count_of(lines, "/kubeconfig?") + count_of(lines, "/kubeconfig\"") >= 50);
    CHECK(count_of(lines, token) == 0);
}

TEST_CASE("the simulator writes DigitalOcean's own names where it is told to")
{
    child sim(sim_launch({"--clusters", "1", "--kube-names", "real"}));
    auto ready = ready_line(sim);
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
    auto done = run(sim_launch({"--port", port}));
    CHECK(done.status == 1);
    CHECK(count_of(done.err, "in use") == 1);
    done = run(sim_launch({"--journal", "/nonexistent/journal"}));
    CHECK(done.status == 1);
    CHECK(count_of(done.err, "/nonexistent/journal") == 1);
    done = run(sim_launch({"--journal", "/nonexistent/journal", "--", "true"}));
    CHECK(done.status == 1);
    done = run(sim_launch({"--fault", "flood=1"}));
    CHECK(done.status == 2);
    CHECK(count_of(done.err, "doks-sim --help") == 1);
}

TEST_CASE("doks fetches every cluster as the command of doks-sim, and nothing is left behind")
{
    doks::test::scratch_folder place;
    auto temporary = place.path() / "tmp";
    std::filesystem::create_directory(temporary);
    const std::string limits = "250/500ms,5000/30s";
    launch how = sim_launch({"--clusters", "300", "--rate-limit", limits, "--journal", place.path() / "journal", "--",
        DOKS_PROGRAM, "kubeconfig", "fetch", "--all", "--rate-limit", limits, "--out", place.path() / "out"});
    how.environment = {{"TMPDIR", temporary}, {"HOME", place.path()}};
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "\"outcome\":\"fetched\"") == 300);
    CHECK(count_of(done.out, "\n") == 300);
    CHECK(stored_ids(place.path() / "out").size() == 300);
    auto journal = content(place.path() / "journal");
    CHECK(count_of(journal, "\"event\":\"mint\"") == 300);
    CHECK(count_of(journal, "\"status\":429") == 0);
    CHECK(std::filesystem::is_empty(temporary));
}

TEST_CASE("a command of doks-sim uses the simulator whatever the environment says of tokens, certificates and proxies")
{
    doks::test::scratch_folder place;
    launch how = sim_launch({"--clusters", "20", "--", DOKS_PROGRAM, "clusters"});
    how.environment = {{"HOME", place.path()}, {"DIGITALOCEAN_API_URL", "https://127.0.0.1:1"},
        {"DIGITALOCEAN_TOKEN", "another"}, {"DIGITALOCEAN_CONTEXT", "work"}, {"SSL_CERT_FILE", "/dev/null"},
        {"HTTPS_PROXY", "http://127.0.0.1:1"}, {"NO_PROXY", "example.com"}};
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "running") == 20);
    how.arguments = {"--", "printenv", "no_proxy", "HOME"};
    CHECK(run(how).out == "example.com,127.0.0.1\n" + place.path().native() + "\n");
}

TEST_CASE("each account of doks-sim is a context of doctl's, with its own clusters and quota")
{
    doks::test::scratch_folder place;
    auto temporary = place.path() / "tmp";
    std::filesystem::create_directory(temporary);
    launch how = sim_launch({"--clusters", "2", "--account", "blue=3", "--account", "green=0", "--rate-limit", "4/1h",
        "--journal", place.path() / "journal", "--", DOKS_PROGRAM, "kubeconfig", "fetch", "--all", "--all-contexts",
        "--rate-limit", "off", "--out", place.path() / "out"});
    how.environment = {{"HOME", place.path()}, {"TMPDIR", temporary}};
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(stored_ids(place.path() / "out/default").size() == 2);
    CHECK(stored_ids(place.path() / "out/blue").size() == 3);
    auto journal = content(place.path() / "journal");
    CHECK(count_of(journal, "\"token\":\"blue\",\"status\":200") == 4);
    CHECK(count_of(journal, "\"token\":\"green\",\"status\":200") == 1);
    CHECK(count_of(journal, "\"status\":429") == 0);
    CHECK(std::filesystem::is_empty(temporary));

    child sim(sim_launch({"--account", "blue"}));
    auto ready = ready_line(sim);
    CHECK(ready["tokens"].as_object()["blue"].as_string() != ready["token"].as_string());
    auto twice = run(sim_launch({"--account", "blue", "--account", "blue"}));
    CHECK(twice.status == 2);
    CHECK(count_of(twice.err, "'blue'") == 1);
}

TEST_CASE("doks-sim ends with the exit status of its command")
{
    CHECK(run(sim_script("exit 0")).status == 0);
    CHECK(run(sim_script("exit 7")).status == 7);
    CHECK(run(sim_script("kill -KILL $$")).status == 128 + SIGKILL);
    auto missing = run(sim_launch({"--", "no-such-program"}));
    CHECK(missing.status == 127);
    CHECK(count_of(missing.err, "no-such-program") == 1);
    CHECK(run(sim_launch({"--", "/dev/null"})).status == 126);
    launch echo = sim_script("cat; echo error >&2");
    echo.input = "input\n";
    auto echoed = run(echo);
    CHECK(echoed.out == "input\n");
    CHECK(echoed.err == "error\n");
}

TEST_CASE("doks-sim passes signals on to its command, and waits for the command's end")
{
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2}) {
        CAPTURE(signal);
        const auto number = std::to_string(signal);
        child sim(sim_script(
            "trap 'echo seen; exit 5' " + number + "; echo \"$SSL_CERT_FILE\"; while :; do sleep 0.05; done"));
        sim.wait_for_out("\n");
        auto ca_file = sim.out().substr(0, sim.out().find('\n'));
        CHECK(std::filesystem::exists(ca_file));
        sim.send(signal);
        auto ended = sim.wait(10s);
        CHECK(ended.status == 5);
        CHECK(count_of(ended.out, "seen") == 1);
        CHECK_FALSE(std::filesystem::exists(ca_file));
    }
    child killed(sim_script("echo; exec sleep 60"));
    killed.wait_for_out("\n");
    killed.send(SIGTERM);
    CHECK(killed.wait(10s).status == 128 + SIGTERM);
}

TEST_CASE("a Ctrl-C on the terminal reaches the command of doks-sim once")
{
    if (!has_terminals()) return;
    terminal_sim sim(
        "trap 'echo INTERRUPT' INT; trap 'echo END; exit 3' TERM; echo READY; n=0; "
        "while [ $n -lt 5 ]; do sleep 0.1; n=$((n + 1)); done; kill -TERM $$; while :; do sleep 0.1; done");
    sim.shown_until("READY");
    sim.type("\x03");
    auto shown = sim.shown_until("END");
    CHECK(count_of(shown, "INTERRUPT") == 1);
    CHECK(sim.wait() == 3);
}
