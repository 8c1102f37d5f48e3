#include "keeper/stored_world.hpp"

// Credentials that outlive the process, and that processes share.

namespace doks::test {

TEST_CASE("a minted credential is stored, and a keeper that comes after it mints none that is still fresh")
{
    stored_world in;
    std::optional<keeper> first = in.make();
    first->keep({cluster_number(1), cluster_number(2)});
    in.run(10min);
    CHECK(in.file(1) == first->held(cluster_number(1))->bytes());
    first.reset();
    const auto second = in.make();
    second.keep({cluster_number(1), cluster_number(2)});
    news heard(in.here, second);
    asked one(in.here, second, cluster_number(1));
    in.run(1min);
    CHECK(one.completions == 1);
    CHECK(in.here.all_minted == 2);
    CHECK(second.stats().minted == 0);
    CHECK(second.stats().saved == 2);
    CHECK(heard.count(renewal_status::renewed) == 2);
    in.run(43min);
    CHECK(in.here.all_minted == 4);
    CHECK(in.file(1) == second.held(cluster_number(1))->bytes());
}

TEST_CASE("a credential on disk that is expired or of another expiry is minted anew")
{
    stored_world in;
    std::optional<keeper> first = in.make();
    first->keep({cluster_number(1)});
    in.run(1min);
    first.reset();
    std::optional<keeper> other = in.make(2h);
    other->keep({cluster_number(1)});
    in.run(1min);
    CHECK(in.here.all_minted == 2);
    other.reset();
    in.run(2h);
    const auto late = in.make(2h);
    late.keep({cluster_number(1)});
    in.run(1min);
    CHECK(in.here.all_minted == 3);
    CHECK(late.held(cluster_number(1)));
}

TEST_CASE("two keepers over one directory mint hardly more than one")
{
    stored_world in;
    const auto one = in.make();
    one.keep({cluster_number(1), cluster_number(2), cluster_number(3)});
    in.run(1min);
    const auto other = in.make();
    other.keep({cluster_number(1), cluster_number(2), cluster_number(3)});
    in.run(24h);
    MESSAGE(in.here.all_minted, " minted in a day for three clusters kept twice; ", 3 * 30, " would be for one keeper");
    CHECK(in.here.all_minted <= 3 * 30 + 9);
    CHECK(one.held(cluster_number(1)));
    CHECK(other.held(cluster_number(1)));
}

TEST_CASE("of two keepers that begin at the same moment one mints each credential, and the other waits for it")
{
    stored_world in;
    in.here.meets = [&](const std::string& id, const seen_request&) -> std::optional<scripted_answer> {
        ++in.here.all_minted;
        return scripted_answer{http_answer(200, kubeconfig_text(id, std::to_string(in.here.all_minted))), 3s};
    };
    const auto one = in.make();
    const auto other = in.make();
    one.keep(numbered(20));
    other.keep(numbered(20));
    asked call(in.here, other, cluster_number(0));
    in.run(1min);
    CHECK(in.here.all_minted == 20);
    CHECK(one.stats().minted + other.stats().minted == 20);
    CHECK(one.stats().valid == 20);
    CHECK(other.stats().valid == 20);
    REQUIRE(call.completions == 1);
    CHECK(call.wait().bytes() == one.held(cluster_number(0))->bytes());
    for (const auto& entry : std::filesystem::directory_iterator(in.folder / "kept")) {
        const auto name = entry.path().filename().string();
        CHECK_MESSAGE((name == ".lock" || name == "index.jsonl" || name.ends_with(".yaml")), name);
    }
}

TEST_CASE("of two keepers over a directory whose credentials have expired, or are of another expiry, one mints each")
{
    for (const auto expiry : {1h, 2h}) {
        stored_world in;
        std::optional<keeper> before = in.make();
        before->keep(numbered(10));
        in.run(1min);
        before.reset();
        if (expiry == 1h) in.run(2h);
        in.here.meets = [&](const std::string& id, const seen_request&) -> std::optional<scripted_answer> {
            ++in.here.all_minted;
            return scripted_answer{http_answer(200, kubeconfig_text(id, std::to_string(in.here.all_minted))), 3s};
        };
        const auto one = in.make(expiry);
        const auto other = in.make(expiry);
        one.keep(numbered(10));
        other.keep(numbered(10));
        in.run(1min);
        CHECK(in.here.all_minted == 20);
        CHECK(one.stats().valid == 10);
        CHECK(other.stats().valid == 10);
    }
}

TEST_CASE("a call of a keeper whose client is drained fails, and nothing of it is left")
{
    keeper_world here;
    const auto client = here.world.client(here.config);
    const keeper keeper(client);
    bool drained = false;
    client.drain(1s, [&] { drained = true; });
    here.world.run([&] { return drained; });
    for (std::size_t i = 0; i < 3; ++i) CHECK(asked(here, keeper, cluster_number(i)).fails() == errc::draining);
    CHECK(keeper.stats().in_flight == 0);
}

TEST_CASE("a process that holds the lock of a credential and never mints it is waited for, but not for ever")
{
    stored_world in;
    const auto store = kube::directory_access::store(in.directory);
    auto lock = store->lock(cluster_number(0));
    REQUIRE(lock.has_value());
    REQUIRE(*lock != nullptr);
    const auto keeper = in.make();
    keeper.keep(numbered(2));
    in.run(25s);
    CHECK(in.here.all_minted == 1);
    CHECK(keeper.held(cluster_number(1)));
    CHECK(keeper.stats().in_flight == 0); // others take its place meanwhile
    asked call(in.here, keeper, cluster_number(0));
    in.run(25s);
    CHECK(call.completions == 0);
    in.run(10s);
    CHECK(call.wait().cluster_id() == cluster_number(0));
    CHECK(in.here.all_minted == 2);
    CHECK(keeper.held(cluster_number(0)));
}

TEST_CASE("a renewal waits for a process that holds its lock only while the old credential is valid")
{
    stored_world in;
    const auto keeper = in.make(60s);
    keeper.keep(numbered(3));
    in.run(10s);
    REQUIRE(in.here.all_minted == 3);
    std::vector<std::shared_ptr<void>> locks;
    for (const auto& id : numbered(3)) locks.push_back(*kube::directory_access::store(in.directory)->lock(id));
    for (int i = 0; i < 120; ++i) {
        in.run(1s);
        REQUIRE(keeper.stats().valid == 3);
    }
    CHECK(in.here.all_minted >= 6);
}

TEST_CASE("a drain does not wait for another process that mints")
{
    stored_world in;
    const auto lock = kube::directory_access::store(in.directory)->lock(cluster_number(0));
    const auto keeper = in.make();
    keeper.keep(numbered(1));
    asked call(in.here, keeper, cluster_number(0));
    in.run(2s);
    bool drained = false;
    keeper.drain(10s, [&] { drained = true; });
    in.run(2s);
    CHECK(drained);
    CHECK(call.fails() == errc::stopped);
    CHECK(in.here.all_minted == 0);
}

TEST_CASE("a refused credential does not come back from the directory, nor does a gone cluster's")
{
    stored_world in;
    const auto keeper = in.make();
    keeper.keep({cluster_number(1)});
    in.run(1min);
    const auto refused = keeper.held(cluster_number(1));
    keeper.invalidate(cluster_number(1));
    in.run(1min);
    CHECK(in.here.all_minted == 2);
    CHECK(keeper.held(cluster_number(1))->bytes() != refused->bytes());
    CHECK(in.file(1) == keeper.held(cluster_number(1))->bytes());
    in.here.meets = [](const std::string&, const seen_request&) { return failing_with(404); };
    in.run(2h);
    CHECK_FALSE(std::filesystem::exists(in.path(1)));
}

TEST_CASE("a directory that takes nothing is told of once, the credential serves, and is stored when it can be")
{
    stored_world in;
    const auto keeper = in.make();
    news heard(in.here, keeper);
    keeper.keep({cluster_number(1)});
    in.run(1min);
    in.block();
    in.run(5min);
    CHECK(keeper.held(cluster_number(1)));
    CHECK(heard.count(renewal_status::not_stored) == 1);
    CHECK(heard.heard.back().error == errc::unusable_directory);
    CHECK(heard.heard.back().valid_until);
    CHECK(keeper.stats().valid == 1);
    CHECK(keeper.stats().unstored == 1);
    in.unblock();
    in.run(11s);
    CHECK(in.file(1) == keeper.held(cluster_number(1))->bytes());
    CHECK(heard.heard.back().status == renewal_status::renewed);
    CHECK(keeper.stats().unstored == 0);
    CHECK(in.here.all_minted == 1);
}

TEST_CASE("a file that was changed is not taken for ours")
{
    stored_world in;
    std::optional<keeper> first = in.make();
    first->keep({cluster_number(1)});
    in.run(1min);
    first.reset();
    std::ofstream(in.path(1), std::ios::app) << "# changed\n";
    const auto second = in.make();
    second.keep({cluster_number(1)});
    in.run(1min);
    CHECK(in.here.all_minted == 2);
    CHECK(in.file(1) == second.held(cluster_number(1))->bytes());
}

TEST_CASE("a clock in the past is not believed, and one in the future costs a credential at most")
{
    for (const auto step : {-24h * 400, 24h * 400}) {
        stored_world in;
        std::optional<keeper> first = in.make();
        first->keep({cluster_number(1)});
        in.run(1min);
        first.reset();
        in.here.world.time->step_wall(step);
        const auto second = in.make();
        second.keep({cluster_number(1)});
        in.run(1min);
        CHECK(in.here.all_minted == 2);
        CHECK(second.held(cluster_number(1)));
    }
}

TEST_CASE("a drain waits for credentials that are being stored")
{
    stored_world in;
    const auto keeper = in.make();
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < 40; ++i) ids.push_back(cluster_number(i));
    keeper.keep(ids);
    while (in.here.all_minted < 20 && (in.here.world.context.restart(), true))
        if (in.here.world.context.poll() == 0 && !in.here.world.time->advance()) break;
    bool drained = false;
    keeper.drain(10s, [&] { drained = true; });
    const auto began = in.here.world.time->steady_now();
    while (!drained && in.here.world.time->steady_now() < began + 5s) {
        settle(in.here.world, &in.directory);
        if (!drained) in.here.world.time->advance();
    }
    CHECK(drained);
    std::size_t stored = 0;
    for (std::size_t i = 0; i < 40; ++i) stored += !in.file(i).empty();
    CHECK(stored == in.here.all_minted);
}

}
