#include "keeper/walk_world.hpp"

#include <future>

// A directory whose disk or lock does not answer for a while: nothing is minted that may not be stored, and it is reported.

namespace doks::test {

namespace {

/// The directory's thread waits until this is released.
class stalled_disk
{
public:
    explicit stalled_disk(const stored_world& in)
    {
        std::promise<void> stalls;
        auto begun = stalls.get_future();
        kube::directory_access::worker(in.directory)
            ->run([gate = go_.get_future().share(), stalls = std::make_shared<std::promise<void>>(std::move(stalls))] {
                stalls->set_value();
                gate.wait();
            });
        begun.wait();
    }
    stalled_disk(const stalled_disk&) = delete;
    ~stalled_disk() { go_.set_value(); }

private:
    std::promise<void> go_;
};

}

TEST_CASE(
    "while a directory does not answer nothing is minted behind calls, each cluster is reported, and a call is served")
{
    stored_world in;
    const auto keeper = in.make(40s);
    news heard(in.here, keeper);
    keeper.keep(numbered(6));
    in.run(1s);
    REQUIRE(in.here.all_minted == 6);
    {
        const stalled_disk stalled(in);
        in.here.world.run_for(10min);
        CHECK(in.here.all_minted == 6);
        CHECK(heard.count(renewal_status::failing) == 6);
        CHECK(heard.heard.back().error == errc::unusable_directory);
        CHECK(keeper.stats().valid == 0);
        CHECK(keeper.stats().failing == 6);
        asked one(in.here, keeper, cluster_number(0));
        in.here.world.run_for(6s);
        REQUIRE(one.completions == 1);
        CHECK(one.outcome->has_value());
        CHECK(in.here.all_minted == 7);
        CHECK(keeper.stats().unstored == 1);
        in.here.world.run_for(20s);
        CHECK(heard.count(renewal_status::not_stored) == 1);
        in.here.world.run_for(10min);
        CHECK(in.here.all_minted == 7);
    }
    in.run(15s);
    CHECK(keeper.stats().valid == 6);
    CHECK(keeper.stats().unstored == 0);
    CHECK(keeper.stats().failing == 0);
    for (std::size_t i = 0; i < 6; ++i) CHECK(in.file(i) == keeper.held(cluster_number(i))->bytes());
}

TEST_CASE("a credential whose write is pending does not count as stored, and is reported once that lasts")
{
    stored_world in;
    const auto keeper = in.make(1h);
    news heard(in.here, keeper);
    std::size_t minted = 0;
    in.here.meets = [&](const std::string& id, const seen_request&) -> std::optional<scripted_answer> {
        return scripted_answer{http_answer(200, kubeconfig_text(id, "slow-" + std::to_string(++minted))), 5s};
    };
    keeper.keep(numbered(1));
    in.run(1s);
    std::optional<stalled_disk> stalled(std::in_place, in);
    in.here.world.run_for(6s);
    REQUIRE(minted == 1);
    CHECK(keeper.stats().valid == 1);
    CHECK(keeper.stats().unstored == 1);
    CHECK(heard.heard.empty());
    in.here.world.run_for(30s);
    CHECK(heard.count(renewal_status::not_stored) == 1);
    CHECK(keeper.stats().unstored == 1);
    keeper.invalidate(cluster_number(0));
    in.here.world.run_for(30min);
    CHECK(minted == 1);
    stalled.reset();
    in.here.meets = nullptr;
    in.run(15s);
    CHECK(in.here.all_minted == 1);
    CHECK(keeper.stats().unstored == 0);
    CHECK(in.file(0) == keeper.held(cluster_number(0))->bytes());
}

TEST_CASE("what waits for the directory goes on even if a call is the first to find that it takes files again")
{
    stored_world in;
    const auto keeper = in.make(1h);
    {
        const full_disk full;
        keeper.keep(numbered(5));
        in.run(20min);
        CHECK(in.here.all_minted == 0);
        CHECK(keeper.stats().failing == 5);
    }
    in.run(1s);
    asked one(in.here, keeper, cluster_number(9));
    in.run(11s);
    CHECK(one.completions == 1);
    CHECK(keeper.stats().valid == 5);
    CHECK(in.here.all_minted == 6);
}

}
