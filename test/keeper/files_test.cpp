#include "keeper/walk_world.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

// What a keeper holds is on disk, too, and what the API or the directory do for a while takes nothing away.

namespace doks::test {

namespace {

std::optional<scripted_answer> not_found(const std::string&, const seen_request&) { return failing_with(404); }

void erase(stored_world& in, std::size_t number)
{
    boost::asio::co_spawn(in.here.world.context, in.directory.erase(cluster_number(number)), boost::asio::detached);
    settle(in.here.world, &in.directory);
}

}

TEST_CASE("one that is let go of, its file erased, and then is kept again has its file back at once")
{
    stored_world in;
    const auto keeper = in.make(168h);
    news heard(in.here, keeper);
    keeper.keep({cluster_number(1), cluster_number(2)});
    in.run(1min);
    keeper.keep({cluster_number(2)});
    erase(in, 1);
    REQUIRE(in.file(1).empty());
    in.run(1min);
    CHECK(in.file(1).empty());
    CHECK(keeper.stats().valid == 1);
    keeper.keep({cluster_number(1), cluster_number(2)});
    in.run(1ms);
    CHECK(in.file(1) == keeper.held(cluster_number(1))->bytes());
    CHECK(keeper.stats().valid == 2);
    CHECK(heard.count(renewal_status::renewed) == 3);
    CHECK(in.here.all_minted == 2);
}

TEST_CASE("files that others delete or change, and the index, are written again within seconds; nothing is minted")
{
    stored_world in;
    std::optional<keeper> first = in.make(168h);
    first->keep(numbered(4));
    in.run(1min);
    std::filesystem::remove(in.path(0));
    std::ofstream(in.path(1), std::ios::app) << "# changed\n";
    std::ofstream(in.path(2)) << "";
    in.run(11s);
    for (std::size_t i = 0; i < 4; ++i) CHECK(in.file(i) == first->held(cluster_number(i))->bytes());
    std::filesystem::remove(in.folder / "kept" / "index.jsonl");
    in.run(11s);
    first.reset();
    const auto second = in.make(168h);
    second.keep(numbered(4));
    in.run(1min);
    CHECK(second.stats().valid == 4);
    CHECK(in.here.all_minted == 4);
}

TEST_CASE("404 for some minutes takes nothing away: the old one serves, and is renewed")
{
    stored_world in;
    const auto keeper = in.make(2h);
    news heard(in.here, keeper);
    keeper.keep(numbered(3));
    in.run(90min);
    in.here.meets = not_found;
    for (int i = 0; i < 22; ++i) {
        in.run(1min);
        for (std::size_t number = 0; number < 3; ++number) {
            const auto held = keeper.held(cluster_number(number));
            REQUIRE(held);
            CHECK(in.file(number) == held->bytes());
        }
    }
    CHECK(heard.count(renewal_status::failing) == 3);
    CHECK(heard.heard.back().error == condition::not_found);
    CHECK(heard.heard.back().valid_until);
    in.here.meets = nullptr;
    in.run(7min);
    CHECK(keeper.stats().failing == 0);
    CHECK(heard.count(renewal_status::gone) == 0);
    CHECK(in.here.all_minted == 6);
}

TEST_CASE("the token of another team for a quarter of an hour: every file stays")
{
    stored_world in;
    const auto keeper = in.make(1h);
    keeper.keep(numbered(40));
    in.run(49min);
    in.here.meets = not_found;
    in.run(10min);
    std::size_t files = 0;
    for (std::size_t i = 0; i < 40; ++i) files += !in.file(i).empty();
    CHECK(files == 40);
    CHECK(keeper.stats().valid == 40);
    in.here.meets = nullptr;
    keeper.keep(numbered(40));
    in.run(1s);
    CHECK(keeper.stats().valid == 40);
    CHECK(keeper.stats().failing == 0);
    for (std::size_t i = 0; i < 40; ++i) CHECK(in.file(i) == keeper.held(cluster_number(i))->bytes());
}

TEST_CASE("404 for half an hour means gone; to be kept once more is evidence, and ends the pause")
{
    stored_world in;
    const auto keeper = in.make(168h);
    news heard(in.here, keeper);
    keeper.keep(numbered(1));
    in.run(134h);
    const auto before = in.here.world.time->steady_now();
    in.here.meets = not_found;
    keeper.invalidate(cluster_number(0));
    in.run(29min);
    CHECK(heard.count(renewal_status::gone) == 0);
    in.run(12min);
    CHECK(heard.count(renewal_status::gone) == 1);
    CHECK(heard.at.back() - before >= 30min);
    in.run(3h);
    CHECK(heard.count(renewal_status::gone) == 1);
    in.here.meets = nullptr;
    const auto minted = in.here.all_minted;
    keeper.keep(numbered(1));
    in.run(1s);
    CHECK(in.here.all_minted == minted + 1);
    CHECK(in.file(0) == keeper.held(cluster_number(0))->bytes());
    CHECK(keeper.stats().failing == 0);
}

TEST_CASE("what new listings lack stays kept and is no evidence: it is asked about no sooner, and 404s make it gone")
{
    stored_world in;
    const auto keeper = in.make(168h);
    news heard(in.here, keeper);
    keeper.keep(numbered(2));
    in.run(134h);
    std::size_t asked = 0;
    in.here.meets = [&](const std::string& id, const seen_request& seen) {
        if (id != cluster_number(0)) return std::optional<scripted_answer>();
        ++asked;
        return not_found(id, seen);
    };
    keeper.invalidate(cluster_number(0));
    for (int listing = 0; listing < 12; ++listing) {
        in.run(5min);
        keeper.keep({cluster_number(1)}, {cluster_number(0)});
    }
    CHECK(heard.count(renewal_status::gone) == 1);
    CHECK(keeper.stats().kept == 2);
    CHECK(asked < 24); // two for each look; one look at each listing would be more
    // Once it is listed again it is asked about at once.
    in.here.meets = nullptr;
    keeper.keep(numbered(2));
    in.run(1s);
    CHECK(in.file(0) == keeper.held(cluster_number(0))->bytes());
    CHECK_THROWS_AS(keeper.keep({}, {"a b"}), failure);
}

TEST_CASE("what the directory does not take during a drain is told before the end")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    keeper.keep(numbered(1));
    in.run(1min);
    REQUIRE(heard.count(renewal_status::renewed) == 1);
    bool over = false;
    bool draining = false;
    in.here.meets = [&](const std::string&, const seen_request&) {
        if (!std::exchange(draining, true)) {
            in.block();
            keeper.drain(5s, [&] { over = true; });
        }
        return std::optional<scripted_answer>();
    };
    keeper.invalidate(cluster_number(0));
    in.run(10s);
    CHECK(over);
    CHECK(heard.count(renewal_status::not_stored) == 1);
}

TEST_CASE("a directory that is removed, made again or replaced holds everything within seconds; nothing is minted")
{
    stored_world in;
    const auto keeper = in.make(168h);
    keeper.keep(numbered(20));
    in.run(1min);
    const auto place = in.folder / "kept";
    for (int i = 0; i < 3; ++i) {
        if (i == 2)
            std::filesystem::rename(place, in.folder / "elsewhere");
        else
            std::filesystem::remove_all(place);
        if (i == 1) std::filesystem::create_directory(place);
        in.run(11s);
        for (std::size_t number = 0; number < 20; ++number)
            CHECK(in.file(number) == keeper.held(cluster_number(number))->bytes());
        CHECK(keeper.stats().unstored == 0);
    }
    CHECK(in.here.all_minted == 20);
}

TEST_CASE(
    "while the disk is full no renewal mints; held credentials serve, and a call has the one that it needs minted")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    keeper.keep(numbered(5));
    in.run(1min);
    {
        const full_disk full;
        in.run(58min);
        CHECK(keeper.stats().valid == 5);
        CHECK(in.here.all_minted == 5);
        CHECK(heard.count(renewal_status::failing) == 5);
        CHECK(heard.heard.back().error == errc::unusable_directory);
        in.run(1h);
        CHECK(in.here.all_minted == 5);
        asked one(in.here, keeper, cluster_number(0));
        in.run(1s);
        REQUIRE(one.completions == 1);
        CHECK(one.outcome->has_value());
        CHECK(in.here.all_minted == 6);
        CHECK(heard.count(renewal_status::not_stored) == 1);
        CHECK(heard.heard.back().config);
    }
    in.run(11s);
    CHECK(in.here.all_minted == 10);
    CHECK(keeper.stats().valid == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(in.file(i) == keeper.held(cluster_number(i))->bytes());
}

TEST_CASE("nothing is minted for a cluster whose file cannot be written; others are kept")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    std::filesystem::create_directory(in.path(0));
    keeper.keep(numbered(3));
    in.run(3h);
    CHECK(in.here.minted[cluster_number(0)] == 0);
    CHECK(heard.heard.front().error == errc::unusable_directory);
    CHECK(keeper.stats().valid == 2);
    CHECK(in.file(1) == keeper.held(cluster_number(1))->bytes());
    std::filesystem::remove(in.path(0));
    in.run(3min);
    CHECK(in.file(0) == keeper.held(cluster_number(0))->bytes());
}

TEST_CASE("two keepers of different expiries share a directory without undoing each other's files")
{
    stored_world in;
    const auto one = in.make(1h);
    const auto other = in.make(2h);
    one.keep(numbered(1));
    other.keep(numbered(1));
    in.run(5min);
    std::set<std::string> seen;
    for (int i = 0; i < 60; ++i) {
        in.run(10s);
        seen.insert(in.file(0));
    }
    CHECK(seen.size() == 1);
    CHECK(in.here.all_minted == 2);
}

}
