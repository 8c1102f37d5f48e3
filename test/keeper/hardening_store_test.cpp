#include "keeper/stored_world.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

// What a hostile reader found about keepers over a directory: nothing expired or refused comes back from it.

namespace doks::test {

TEST_CASE("wall clock steps back, with a directory: nothing expired is given")
{
    stored_world in;
    const auto keeper = in.make();
    keeper.keep({cluster_number(1)});
    in.run(30min);
    const auto first = keeper.held(cluster_number(1));
    REQUIRE(first);
    in.here.world.time->step_wall(-25min);
    in.here.meets = [](const std::string&, const seen_request&) { return failing_with(503); };
    in.run(29min);
    CHECK(keeper.held(cluster_number(1)));
    in.run(2min); // 61 min
    CHECK_FALSE(keeper.held(cluster_number(1)));
    in.run(10min); // 71 min
    const auto late = keeper.held(cluster_number(1));
    CHECK_FALSE(late);
    if (late) MESSAGE("same bytes 71 min after the mint of a 1 h credential: ", late->bytes() == first->bytes());
}

TEST_CASE("the same, API well, margin small")
{
    stored_world in;
    const auto keeper = in.make(1h, 2min);
    keeper.keep({cluster_number(1)});
    in.run(30min);
    const auto first = keeper.held(cluster_number(1));
    in.here.world.time->step_wall(-25min);
    in.run(31min); // 61 min
    const auto late = keeper.held(cluster_number(1));
    REQUIRE(late);
    CHECK(late->bytes() != first->bytes());
    in.run(20min); // 81
    CHECK(keeper.held(cluster_number(1))->bytes() != first->bytes());
}

TEST_CASE("get-only with a store is renewed behind the calls")
{
    stored_world in;
    const auto keeper = in.make();
    asked one(in.here, keeper, cluster_number(1));
    in.run(1min);
    REQUIRE(one.completions == 1);
    for (int i = 0; i < 58; ++i) {
        CHECK(keeper.held(cluster_number(1)));
        in.run(1min);
    }
    CHECK(in.here.all_minted == 2);
}

TEST_CASE("refusing a credential of another expiry leaves the kept one's file alone")
{
    stored_world in;
    const auto keeper = in.make();
    keeper.keep({cluster_number(1)});
    asked other(in.here, keeper, cluster_number(1), {.expiry = 15min});
    in.run(1min);
    REQUIRE(other.completions == 1);
    CHECK(std::filesystem::exists(in.path(1)));
    keeper.invalidate(**other.outcome);
    in.run(5min);
    CHECK(keeper.held(cluster_number(1)));
    CHECK(std::filesystem::exists(in.path(1)));
}

TEST_CASE("a refusal that comes while the directory is looked at is not forgotten")
{
    stored_world in;
    const auto keeper = in.make();
    asked one(in.here, keeper, cluster_number(1));
    in.run(1min);
    REQUIRE(one.completions == 1);
    const auto first = **one.outcome;
    keeper.keep({cluster_number(1)});
    in.run(46min); // not yet due
    REQUIRE(keeper.held(cluster_number(1)));
    // run in small steps until it is due: hold the directory's thread so that the look waits
    std::promise<void> go;
    auto gate = go.get_future().share();
    std::promise<void> blocked;
    kube::directory_access::worker(in.directory)->run([&] {
        blocked.set_value();
        gate.wait();
    });
    blocked.get_future().wait();
    in.here.world.run_for(8min); // the look is queued behind
    keeper.invalidate(cluster_number(1));
    CHECK_FALSE(keeper.held(cluster_number(1)));
    in.here.world.run_for(1s);
    in.here.meets = [](const std::string&, const seen_request&) { return failing_with(503); };
    go.set_value();
    in.run(10s);
    const auto now = keeper.held(cluster_number(1));
    CHECK_FALSE(now);
    if (now) MESSAGE("the refused one is given again: ", now->bytes() == first.bytes());
}

TEST_CASE("a refusal holds where the file cannot be erased")
{
    stored_world in;
    const auto keeper = in.make();
    asked one(in.here, keeper, cluster_number(1));
    in.run(1min);
    REQUIRE(one.completions == 1);
    std::filesystem::rename(in.folder / "kept", in.folder / "moved");
    keeper.invalidate(**one.outcome);
    in.run(1s);
    asked two(in.here, keeper, cluster_number(1));
    in.run(1min);
    REQUIRE(two.completions == 1);
    REQUIRE(two.outcome->has_value());
    CHECK((*two.outcome)->bytes() != (*one.outcome)->bytes());
}

TEST_CASE("two processes: a refusal in one leaves the newer one of the other")
{
    stored_world in;
    const auto one = in.make();
    const auto other = in.make();
    one.keep({cluster_number(1)});
    in.run(1min);
    other.keep({cluster_number(1)});
    in.run(1min);
    CHECK(in.here.all_minted == 1);
    const auto bad = one.held(cluster_number(1));
    one.invalidate(*bad);
    in.run(1min);
    CHECK(in.here.all_minted == 2);
    other.invalidate(*bad);
    in.run(1min);
    CHECK(in.here.all_minted == 2);
    MESSAGE(in.here.all_minted, " minted");
}

TEST_CASE("not stored, then gone")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    in.block();
    keeper.keep({cluster_number(1)});
    in.run(5min);
    CHECK(in.here.all_minted == 0);
    CHECK(heard.count(renewal_status::failing) == 1);
    asked one(in.here, keeper, cluster_number(1)); // who waits is served
    in.run(1min);
    REQUIRE(one.completions == 1);
    CHECK(one.outcome->has_value());
    CHECK(heard.count(renewal_status::not_stored) == 1);
    in.here.meets = [](const std::string&, const seen_request&) { return failing_with(404); };
    in.unblock();
    in.run(1min);
    CHECK(in.file(1) == keeper.held(cluster_number(1))->bytes());
    in.run(3h);
    CHECK(heard.count(renewal_status::gone) == 1);
    CHECK(in.file(1).empty());
}

TEST_CASE("not stored, then refused, then failing: the refused one does not come back to the disk")
{
    stored_world in;
    const auto keeper = in.make(1h);
    in.block();
    keeper.keep({cluster_number(1)});
    asked one(in.here, keeper, cluster_number(1));
    in.run(5min);
    const auto bad = keeper.held(cluster_number(1));
    REQUIRE(bad);
    in.here.meets = [](const std::string&, const seen_request&) { return failing_with(403); };
    keeper.invalidate(cluster_number(1));
    in.unblock();
    in.run(20min);
    CHECK_FALSE(std::filesystem::exists(in.path(1)));
}

TEST_CASE("a context that goes while the directory is busy")
{
    for (int i = 0; i < 3; ++i) {
        const auto token = std::make_shared<int>(0);
        const std::weak_ptr<int> watched = token;
        std::promise<void> go;
        auto gate = go.get_future().share();
        {
            auto in = std::make_unique<stored_world>();
            auto directory = in->directory;
            in->here.config.observer = [token](const event&) {};
            {
                const auto keeper = in->make();
                in->here.config.observer = nullptr;
                const_cast<std::shared_ptr<int>&>(token).reset();
                keeper.keep(numbered(3));
                in->here.world.run_for(1s);
                kube::directory_access::worker(directory)->run([gate] { gate.wait(); });
                asked one(in->here, keeper, cluster_number(7));
                in->here.world.run_for(1s);
            }
            in.reset();
            go.set_value();
            std::promise<void> done;
            kube::directory_access::worker(directory)->run([&] { done.set_value(); });
            done.get_future().wait();
        }
        CHECK(watched.expired());
    }
}

TEST_CASE("an expiry of a second or two")
{
    for (const auto expiry : {1s, 2s, 5s}) {
        stored_world in;
        const auto keeper = in.make(expiry);
        keeper.keep(numbered(2));
        in.run(60s);
        MESSAGE("expiry ", expiry.count(), ": ", in.here.all_minted, " minted for 2 clusters in 60 s, ",
            in.here.world.network->requests().size(), " requests");
    }
}

}
