#include "cli/options/option_values.hpp"
#include "cli/options/options.hpp"
#include "cli/output/text.hpp"
#include "cli/thrown.hpp"

#include <doctest/doctest.h>

// Values of options: texts in, values or faults out.

using namespace std::chrono_literals;
using namespace doks::cli;
using cli_test::holds;
using cli_test::usage_fault;

TEST_CASE("rate limits are read as windows")
{
    CHECK(parse_rate_windows("250/1m,5000/1h", "--rate-limit") == doks::digitalocean_limits());
    CHECK(parse_rate_windows("250/500ms", "--rate-limit") == std::vector<doks::rate_window>{{250, 500ms}});
    CHECK(parse_rate_windows("1/1s,2/1m,3/1h", "--rate-limit").size() == 3);
    CHECK(parse_rate_windows("off", "--rate-limit").empty());
}

TEST_CASE("a broken rate limit is quoted")
{
    for (const char* text : {"", "250", "250/", "/1m", "250/1m,", ",250/1m", "250/1m;5000/1h", "0/1m", "-1/1m",
             "250/0s", "250/1x", "2.5/1m", "many/1m", "250 / 1m", "10000000/1m", "OFF", "99999999999999999999/1m"}) {
        CAPTURE(text);
        CHECK(holds(usage_fault([text] { parse_rate_windows(text, "--rate-limit"); }), "--rate-limit '"));
    }
}

TEST_CASE("counts are whole numbers in range")
{
    CHECK(parse_count("64", "--connections", 1, 1000) == 64);
    for (const char* text : {"", "0", "1001", "-1", "6.4", "64x", " 64", "0x40"}) {
        CAPTURE(text);
        auto said = usage_fault([text] { parse_count(text, "--connections", 1, 1000); });
        CHECK(holds(said, "--connections"));
        CHECK(holds(said, "from 1 to 1000"));
    }
}

TEST_CASE("nothing from outside moves the cursor")
{
    CHECK(printable("a\x1b[2Jb\r\n\x7f") == "a\\x1b[2Jb\\x0d\\x0a\\x7f");
    CHECK(printable("caf\xc3\xa9") == "caf\xc3\xa9");
    CHECK(printable("\xc2\x9b"
                    "2J") == "\\x9b2J");
    CHECK(printable(std::string("\0", 1)) == "\\x00");
    CHECK(columns("caf\xc3\xa9") == 4);
    CHECK(in_quotes(std::string(500, 'x')).size() < 200);
    CHECK(trimmed(" \t a b \r\n") == "a b");
    CHECK(trimmed(" \n").empty());
}

TEST_CASE("options that can have no effect together are refused")
{
    const auto fault = [](const std::vector<std::string>& arguments) {
        return usage_fault([&] { parse_command_line(arguments); });
    };
    CHECK(holds(fault({"kubeconfig", "fetch", "--all", "--out", "d", "--expiry", "1h", "--fresh-for", "2h"}),
        "--fresh-for 2h with --expiry 1h"));
    CHECK(holds(fault({"--output", "json", "kubeconfig", "show", "x"}), "--output json"));
    CHECK(holds(fault({"--output", "json", "completion", "bash"}), "--output json"));
}
