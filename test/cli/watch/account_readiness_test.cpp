#include "cli/watch/account_readiness.hpp"

#include <doctest/doctest.h>

// When a watch is ready, hopeless or neither: events in, answers out.

using namespace doks;
using namespace doks::cli;

namespace {

failure because(errc why)
{
    failure_record record;
    record.code = why;
    return failure(std::move(record));
}

/// A keeper's event about this id.
renewal_event change(std::string id, renewal_status what, errc why = errc::timed_out)
{
    renewal_event made;
    made.id = std::move(id);
    made.status = what;
    if (what != renewal_status::renewed) made.error = because(why);
    return made;
}

const auto now = std::chrono::system_clock::now();

}

TEST_CASE("an account works once the API has responded, every cluster has had an outcome, and one credential is stored")
{
    account_readiness account;
    CHECK_FALSE(account.works());
    account.keep({"a", "b"});
    account.on_change(change("a", renewal_status::renewed));
    account.on_change(change("b", renewal_status::failing));
    CHECK_FALSE(account.works());
    account.api_responded();
    CHECK(account.works());
    account.keep({"a", "b", "c"});
    CHECK_FALSE(account.works());
    account.on_change(change("c", renewal_status::gone));
    CHECK(account.works());
    CHECK_FALSE(account.is_hopeless());
    account.api_failed(because(errc::timed_out));
    CHECK_FALSE(account.works());
    CHECK_FALSE(account.is_hopeless());
}

TEST_CASE("an account without clusters, or whose clusters are all gone, works")
{
    account_readiness account;
    account.api_responded();
    CHECK(account.works());
    account.keep({"a"});
    account.on_change(change("a", renewal_status::gone));
    CHECK(account.works());
    CHECK_FALSE(account.is_hopeless());
    CHECK(account.without_file(now).empty());
}

TEST_CASE("a refused token and a directory that takes no files are hopeless; what may pass is not")
{
    account_readiness account;
    account.api_failed(because(errc::no_token));
    CHECK(account.is_hopeless());
    account.api_responded();
    account.keep({"a", "b"});
    account.on_change(change("a", renewal_status::failing, errc::unusable_directory));
    CHECK_FALSE(account.is_hopeless());
    account.on_change(change("b", renewal_status::failing, errc::unusable_directory));
    CHECK(account.is_hopeless());
    CHECK_FALSE(account.works());
    REQUIRE(account.obstacle());
    CHECK(*account.obstacle() == errc::unusable_directory);
    account.on_change(change("b", renewal_status::failing, errc::timed_out));
    CHECK_FALSE(account.is_hopeless());
    account.on_change(change("b", renewal_status::renewed));
    CHECK_FALSE(account.is_hopeless());
    CHECK_FALSE(account.obstacle());
}

TEST_CASE("at the end the clusters without a valid credential in the directory are named")
{
    account_readiness account;
    account.keep({"a", "b", "c", "d", "f", "g", "h"});
    account.on_change(change("a", renewal_status::renewed));
    account.on_change(change("b", renewal_status::failing));
    account.on_change(change("c", renewal_status::not_stored));
    auto still_valid = change("c", renewal_status::failing, errc::unusable_directory);
    still_valid.valid_until = now + std::chrono::hours(1);
    account.on_change(still_valid);
    account.on_change(change("unknown", renewal_status::failing));
    still_valid.id = "f";
    account.on_change(still_valid);
    auto short_lived = change("g", renewal_status::renewed);
    short_lived.valid_until = now + std::chrono::minutes(1);
    account.on_change(short_lived);
    account.on_change(change("g", renewal_status::failing));
    account.on_change(change("h", renewal_status::renewed));
    account.on_change(change("h", renewal_status::failing));
    account.keep({"a", "b", "c", "d", "e", "f", "g", "h"});
    account.on_change(change("e", renewal_status::gone));
    CHECK(account.without_file(now) == std::vector<std::string>{"b", "c", "d"}); // d: still awaited
    CHECK(account.without_file(now + std::chrono::minutes(1)) == std::vector<std::string>{"b", "c", "d", "g"});
    CHECK(account.failing() == 6);
    CHECK(account.is_unstored("c"));
    CHECK_FALSE(account.is_unstored("f"));
    account.on_change(change("c", renewal_status::renewed));
    CHECK_FALSE(account.is_unstored("c"));
    CHECK(account.without_file(now) == std::vector<std::string>{"b", "d"});
}
