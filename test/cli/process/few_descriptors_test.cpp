#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>

// The program under a limit on open files, against the simulator.

using namespace cli_test;

TEST_CASE("with few descriptors a thousand clusters are fetched on fewer connections, and the limit is named")
{
    for (const rlim_t files : {40, 24}) {
        CAPTURE(files);
        account team(unlimited(1'000));
        auto how = team.fetch();
        how.limits[RLIMIT_NOFILE] = files;
        const auto done = run(how);
        INFO(done.err);
        CHECK(done.status == 0);
        CHECK(count_outcomes(report_of(done.out), "fetched") == 1'000);
        CHECK(stored_ids(team.out()).size() == 1'000);
        CHECK(done.err.find("this process may open " + std::to_string(files) + " files (ulimit -n)") !=
              std::string::npos);
        MESSAGE(files << " descriptors: 1,000 of 1,000 in " << done.took.count() / 1'000'000 << " ms");
    }
}
