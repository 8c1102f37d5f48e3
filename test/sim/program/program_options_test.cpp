#include "sim/program/program_options.hpp"
#include "support/text.hpp"

#include <doctest/doctest.h>

// The command line of doks-sim: words in, options or a fault out.

using namespace doks::sim::program;
using namespace std::chrono_literals;

namespace {

program_options parsed(std::vector<std::string> arguments) { return parse_program_options(std::move(arguments)); }

/// The text of the usage error for these words.
std::string fault(std::vector<std::string> arguments)
{
    try {
        parsed(std::move(arguments));
    } catch (const usage_error& error) {
        return error.what();
    }
    return "no fault";
}

using doks::test::holds;

}

TEST_CASE("the simulator's options are read by its own readers")
{
    auto simulator = parsed({"--clusters", "20", "--port", "8443", "--rate-limit", "10/1s", "--fault", "mixed=10%",
                                "--latency", "20ms..200ms", "--journal", "j", "--kube-names", "real"})
                         .simulator;
    CHECK(simulator.clusters == 20);
    CHECK(simulator.port == 8443);
    CHECK(simulator.limit.per_minute == 10);
    CHECK_FALSE(simulator.faults.empty());
    CHECK(simulator.latency.max == 200ms);
    CHECK(simulator.journal_file == "j");
    CHECK(simulator.real_kube_names);
    CHECK(holds(fault({"--fault", "flood=1"}), "flood"));
    CHECK(holds(fault({"--rate-limit", "fast"}), "--rate-limit"));
    CHECK(holds(fault({"--latency", "slow"}), "--latency"));
    CHECK(holds(fault({"--port", "70000"}), "--port"));
}

TEST_CASE("without options doks-sim has three clusters and no command")
{
    auto plain = parsed({});
    CHECK(plain.simulator.clusters == 3);
    CHECK_FALSE(plain.simulator.real_kube_names);
    CHECK(plain.command.empty());
    CHECK_FALSE(plain.help);
}

TEST_CASE("doks-sim has an account for each --account, with its number of clusters")
{
    auto more = parsed({"--clusters", "1", "--account", "blue", "--account=green=0", "--account", "red=20"})
                    .simulator.more_accounts;
    REQUIRE(more.size() == 3);
    CHECK(more[0].name == "blue");
    CHECK(more[0].clusters == 3);
    CHECK(more[1].name == "green");
    CHECK(more[1].clusters == 0);
    CHECK(more[2].clusters == 20);
    CHECK(holds(fault({"--account", "blue=many"}), "--account"));
    CHECK(holds(fault({"--account", "blue=-1"}), "--account"));
    CHECK(holds(fault({"--account", "blue="}), "--account"));
}

TEST_CASE("everything after the first -- is the command")
{
    auto with_command = parsed({"--clusters", "7", "--", "doks", "--clusters", "--", "x"});
    CHECK(with_command.simulator.clusters == 7);
    CHECK(with_command.command == std::vector<std::string>{"doks", "--clusters", "--", "x"});
    CHECK_FALSE(parsed({"--", "doks", "--help"}).help);
}

TEST_CASE("a broken command line of doks-sim names its fault")
{
    CHECK(holds(fault({"--"}), "no command follows --"));
    CHECK(holds(fault({"doks", "clusters"}), "doks"));
    CHECK(holds(fault({"--trace"}), "--trace"));
    CHECK(holds(fault({"--clusters", "many"}), "--clusters"));
    CHECK(holds(fault({"--clusters", "-1"}), "--clusters"));
    CHECK(holds(fault({"--clusters", "1000001"}), "--clusters"));
    CHECK(holds(fault({"--kube-names", "own"}), "--kube-names"));
}

TEST_CASE("the help of doks-sim names every option, and the version is the project's")
{
    auto help = parsed({"--help"}).help.value_or("");
    for (const char* option : {"--clusters", "--port", "--rate-limit", "--fault", "--latency", "--journal",
             "--kube-names", "local|real", "mixed", "-- COMMAND", "SSL_CERT_FILE"})
        CHECK_MESSAGE(holds(help, option), option);
    CHECK(parsed({"--version"}).help.value_or("").starts_with("doks-sim "));
}
