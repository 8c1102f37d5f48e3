#include "cli/fetch/removal.hpp"
#include "cli/watch/listing_review.hpp"

#include <doctest/doctest.h>

// The pure decisions about which files may be removed.

using namespace doks::cli;
using namespace std::chrono_literals;

namespace {

using ids = std::set<std::string>;
using clock_point = absence_log::time_point;

constexpr clock_point start{};

ids numbered(unsigned from, unsigned count)
{
    ids made;
    for (unsigned at = from; at < from + count; ++at) made.insert("c" + std::to_string(at));
    return made;
}

ids both(ids some, const ids& others)
{
    some.insert(others.begin(), others.end());
    return some;
}

}

TEST_CASE("at most half of a directory may be asked for, and all of it only when told so")
{
    using verdict = listing_verdict;
    const ids four = numbered(0, 4);
    CHECK(judge(four, both(four, {"new"})).verdict == verdict::all_listed);
    CHECK(judge({}, {}).verdict == verdict::all_listed);
    CHECK(judge(four, numbered(0, 2)).verdict == verdict::some_missing);
    CHECK(judge(four, numbered(0, 2)).missing == std::vector<std::string>{"c2", "c3"});
    CHECK(judge(four, numbered(0, 1)).verdict == verdict::most_missing);
    CHECK(judge(four, {}).verdict == verdict::none_listed);
    CHECK(judge(four, numbered(10, 9)).verdict == verdict::none_listed);
    CHECK(judge({"c0"}, {"new"}).verdict == verdict::none_listed);
    CHECK(judge(four, numbered(0, 1), removal_limit::all).verdict == verdict::some_missing);
    CHECK(judge(four, {}, removal_limit::all).missing.size() == 4);
}

TEST_CASE("a refusal to remove gives the numbers")
{
    const ids four = numbered(0, 4);
    CHECK(explain(judge(four, numbered(0, 3)), 4).empty());
    CHECK(explain(judge(four, numbered(0, 1)), 4) ==
          "the listing lacks 3 of the 4 clusters whose files are there, more than half: nothing is removed");
    CHECK(explain(judge(four, {}), 4) ==
          "the listing has none of the 4 clusters whose files are there (an incident, or "
          "another account's token?): nothing is removed");
}

TEST_CASE("a cluster is confirmed absent once two looks some time apart, and all between, found it absent")
{
    absence_log log(30s);
    CHECK(log.confirm({"a", "b"}, start).empty());
    CHECK(log.confirm({"a", "b"}, start + 29s).empty());
    CHECK(log.confirm({"a"}, start + 30s) == ids{"a"});
    CHECK(log.confirm({"b"}, start + 31s).empty());
    CHECK(log.confirm({}, start + 40s).empty());
    CHECK(log.confirm({"b"}, start + 70s).empty());
    CHECK(log.confirm({"b"}, start + 100s) == ids{"b"});
}

TEST_CASE("a watch asks for missing clusters, and forgets the absence of one that is back")
{
    listing_review review(30s);
    CHECK(review.listed({}, numbered(0, 4), start).takes_new);
    const auto next = review.listed(numbered(0, 4), numbered(1, 3), start + 1min);
    CHECK(next.takes_new);
    CHECK(next.complaint.empty());
    CHECK(next.ask == std::vector<std::string>{"c0"});
    CHECK(review.confirm_gone({"c0"}, start + 1min).empty());
    CHECK(review.listed(numbered(0, 4), numbered(0, 4), start + 2min).ask.empty());
    CHECK(review.confirm_gone({}, start + 2min).empty());
    CHECK(review.listed(numbered(0, 4), numbered(1, 3), start + 3min).ask.size() == 1);
    CHECK(review.confirm_gone({"c0"}, start + 3min).empty());
    CHECK(review.listed(numbered(0, 4), numbered(1, 3), start + 4min).ask.size() == 1);
    CHECK(review.confirm_gone({"c0"}, start + 4min) == ids{"c0"});
}

TEST_CASE("a watch takes no cluster from another account's listing, unless later listings say the same")
{
    listing_review review(30s);
    const ids own = numbered(0, 40), others = numbered(100, 60);
    review.listed({}, own, start);
    auto next = review.listed(own, others, start + 5min);
    CHECK_FALSE(next.takes_new);
    CHECK(next.ask.empty());
    CHECK_FALSE(next.complaint.empty());
    CHECK(review.listed(own, own, start + 10min).takes_new);
    CHECK_FALSE(review.listed(own, others, start + 15min).takes_new);
    CHECK_FALSE(review.listed(own, others, start + 15min + 29s).takes_new);
    next = review.listed(own, others, start + 20min);
    CHECK(next.takes_new);
    CHECK(next.ask.empty());
    // Beside 60 others its own are less than half, and stay nevertheless.
    next = review.listed(both(own, others), others, start + 25min);
    CHECK(next.takes_new);
    CHECK(next.ask.empty());
    next = review.listed(both(own, others), numbered(101, 59), start + 30min);
    CHECK(next.ask == std::vector<std::string>{"c100"});
    CHECK(review.listed(both(own, others), both(own, others), start + 35min).ask.empty());
    CHECK(review.listed(both(own, others), both(numbered(1, 39), others), start + 40min).ask.size() == 1);
}

TEST_CASE("an empty listing changes nothing, however often it comes")
{
    listing_review review(30s);
    const ids own = numbered(0, 3);
    review.listed({}, own, start);
    for (auto at = start; at < start + 1h; at += 5min) {
        const auto next = review.listed(own, {}, at);
        CHECK_FALSE(next.takes_new);
        CHECK(next.ask.empty());
    }
}

TEST_CASE("if most clusters are gone at once their files stay, and new clusters are kept")
{
    listing_review review(30s);
    const ids own = numbered(0, 9);
    review.listed({}, own, start);
    const auto next = review.listed(own, both(numbered(0, 2), {"new"}), start + 5min);
    CHECK(next.takes_new);
    CHECK(next.ask.empty());
    CHECK_FALSE(next.complaint.empty());
    // The only one that is selected: the rest of the account is listed, so it is no other one's.
    listing_review selected(30s);
    selected.listed({}, own, start);
    CHECK(selected.listed({"c0"}, numbered(1, 8), start + 5min).takes_new);
}
