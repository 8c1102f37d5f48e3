#include "cli/options/duration.hpp"
#include "cli/thrown.hpp"

#include <doctest/doctest.h>

#include <utility>

// Durations of the command line: texts in, values or faults out.

using namespace std::chrono_literals;
using namespace doks::cli;
using cli_test::holds;
using cli_test::usage_fault;

TEST_CASE("durations are read in each unit")
{
    CHECK(parse_duration("500ms", "--timeout") == 500ms);
    CHECK(parse_duration("90s", "--timeout") == 90s);
    CHECK(parse_duration("15m", "--timeout") == 15min);
    CHECK(parse_duration("1h", "--timeout") == 1h);
    CHECK(parse_duration("7d", "--timeout") == 7 * 24h);
    CHECK(parse_duration("0s", "--timeout") == 0s);
    CHECK(parse_duration("36500d", "--timeout") == 36500 * 24h);
}

TEST_CASE("a broken duration is quoted, with its fault and a remedy")
{
    const std::pair<const char*, const char*> faults[] = {{"", "empty"}, {"90", "unit is missing"}, {"-5s", "negative"},
        {"1.5h", "fraction"}, {"s", "whole number"}, {"5 s", "unit"}, {"5sec", "unit"}, {"1h30m", "unit"},
        {"36501d", "longer"}, {"99999999999999999999s", "longer"}, {"+5s", "whole number"}, {"5S", "unit"}};
    for (const auto& [text, fault] : faults) {
        CAPTURE(text);
        auto said = usage_fault([text = text] { parse_duration(text, "--timeout"); });
        CHECK(holds(said, "--timeout '" + std::string(text) + "'"));
        CHECK(holds(said, fault));
        CHECK(holds(said, "15m"));
    }
}

TEST_CASE("an expiry is a whole number of seconds")
{
    CHECK(parse_expiry("15m", "--expiry") == 15min);
    CHECK(parse_expiry("2000ms", "--expiry") == 2s);
    CHECK(holds(usage_fault([] { parse_expiry("500ms", "--expiry"); }), "whole number of seconds"));
    CHECK(holds(usage_fault([] { parse_expiry("1500ms", "--expiry"); }), "whole number of seconds"));
    CHECK(holds(usage_fault([] { parse_expiry("1.5s", "--expiry"); }), "fraction"));
    CHECK(holds(usage_fault([] { parse_expiry("-1h", "--expiry"); }), "negative"));
    CHECK(holds(usage_fault([] { parse_expiry("soon", "--expiry"); }), "whole number"));
}

TEST_CASE("a duration that has to be positive is refused if it is zero")
{
    CHECK(parse_positive_duration("1ms", "--timeout") == 1ms);
    CHECK(holds(usage_fault([] { parse_positive_duration("0s", "--timeout"); }), "zero"));
}

TEST_CASE("durations are shown in the units that fit")
{
    CHECK(duration_text(-1s) == "0ms");
    CHECK(duration_text(850ms) == "850ms");
    CHECK(duration_text(12340ms) == "12.3s");
    CHECK(duration_text(59'970ms) == "1m 00s");
    CHECK(duration_text(65s) == "1m 05s");
    CHECK(duration_text(2h + 7min + 59s) == "2h 07m");
    CHECK(duration_text(76h) == "3d 04h");
    CHECK(duration_argument(60s) == "1m");
    CHECK(duration_argument(500ms) == "500ms");
    CHECK(duration_argument(90s) == "90s");
}
