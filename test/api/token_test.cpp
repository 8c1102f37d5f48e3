#include "api/simulator_fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>

// Token sources, read and refused while calls and bulks go on against the simulator.

namespace doks::test {

namespace {

std::size_t answers_of(const simulator_fixture& in, unsigned status)
{
    const auto journal = in.api.journal();
    return static_cast<std::size_t>(
        std::count_if(journal.begin(), journal.end(), [=](const auto& entry) { return entry.status == status; }));
}

asio::awaitable<result<kubeconfig>> one_of(client from, std::string id)
{
    auto got = co_await from.try_kubeconfig(id);
    co_return got;
}

}

TEST_CASE(
    "a token file swapped and the old token revoked in mid-bulk: nothing lost, nothing stopped, nothing minted twice")
{
    const auto count = many(1000);
    simulator_fixture fixture(unlimited(count));
    scratch_folder folder;
    const auto file = folder / "token";
    const auto old = fixture.api.add_token({.label = "old"});
    replace_file(file, old + "\n");
    auto how = fixture.config();
    how.token = token_file(file);
    const client client(fixture.context.get_executor(), how);
    auto all = client.kubeconfigs(fixture.api.cluster_ids());

    const auto program = [&]() -> asio::awaitable<std::size_t> {
        std::size_t good = 0;
        for (std::size_t taken = 0; taken < count; ++taken) {
            auto item = co_await all.next();
            if (item && is_for_its_own(fixture.api, *item)) ++good;
            if (taken != count / 3) continue;
            replace_file(file, fixture.api.add_token({.label = "new"}) + "\n");
            fixture.api.revoke_token(old);
        }
        auto end = co_await all.next();
        co_return end ? 0 : good;
    };
    CHECK(fixture.run(program()) == count);
    CHECK(all.summary().fetched == count);
    CHECK(all.summary().failed == 0);
    CHECK(all.summary().retries == 0);
    const auto counts = fixture.api.counts();
    CHECK(counts.minted_by_cluster.size() == count);
    CHECK(counts.minted == count);
    CHECK(answers_of(fixture, 401) > 0);
    CHECK(answers_of(fixture, 401) <= 64);
    MESSAGE(count << " clusters, " << answers_of(fixture, 401) << " answers 401: 0 lost, 0 stopped, 0 minted twice");
}

TEST_CASE("a token file that is swapped while the old token still works is noticed without any 401")
{
    simulator_fixture fixture;
    scratch_folder folder;
    const auto file = folder / "token";
    replace_file(file, fixture.api.add_token({.label = "old"}));
    auto how = fixture.config();
    how.token = token_file(file);
    const client client(fixture.context.get_executor(), how);
    CHECK(fixture.run(one_of(client, fixture.first())).has_value());
    CHECK(fixture.api.journal().back().token == "old");

    replace_file(file, fixture.api.add_token({.label = "new"}));
    const auto give_up = steady_clock::now() + 20s;
    while (fixture.api.journal().back().token == "old" && steady_clock::now() < give_up)
        CHECK(fixture.run(one_of(client, fixture.first())).has_value());
    CHECK(fixture.api.journal().back().token == "new");
    CHECK(answers_of(fixture, 401) == 0);
}

TEST_CASE("a token refused twice by the same source is sent once more at most, and the API's words come through")
{
    simulator_fixture fixture;
    scratch_folder folder;
    const auto file = folder / "token";
    replace_file(file, fixture.api.token());
    fixture.api.revoke_token(fixture.api.token());
    for (const auto& source : {token(fixture.api.token()), token_file(file)}) {
        const auto before = fixture.api.counts().requests;
        const auto got = fixture.run(one_of(fixture.client().with(source, {}), fixture.first()));
        REQUIRE(!got);
        CHECK(got.error() == condition::denied);
        CHECK(got.error().http_status() == 401);
        CHECK(got.error().api_id() == "unauthorized");
        CHECK(got.error().api_message() == "Unable to authenticate you.");
        CHECK(got.error().why_stopped() == stop_reason::permanent);
        CHECK_FALSE(got.error().request_id().empty());
        CHECK(fixture.api.counts().requests == before + 1);
    }
}

TEST_CASE("a token coroutine is asked one at a time, and again after a 401")
{
    simulator_fixture fixture(unlimited(20));
    const auto old = fixture.api.add_token({.label = "old"});
    fixture.api.revoke_token(old);
    unsigned asked = 0;
    unsigned running = 0;
    unsigned most = 0;
    const auto fetch = [&]() -> asio::awaitable<secret> {
        most = (std::max)(most, ++running);
        asio::steady_timer pause(co_await asio::this_coro::executor, 5ms);
        co_await pause.async_wait(asio::use_awaitable);
        --running;
        co_return secret(++asked == 1 ? old : fixture.api.token());
    };
    auto all = fixture.client().with(token_coroutine(fetch), {}).kubeconfigs(fixture.api.cluster_ids());
    const auto items = fixture.run(read_all(all));
    CHECK(items.size() == 20);
    CHECK(all.summary().fetched == 20);
    CHECK(asked == 2);
    CHECK(most == 1);
    CHECK(fixture.api.counts().minted == 20);
}

TEST_CASE("a token coroutine that throws fails the call, with what it said")
{
    simulator_fixture fixture;
    const auto fetch = []() -> asio::awaitable<secret> {
        throw std::runtime_error("the vault is sealed");
        co_return secret();
    };
    const auto got = fixture.run(one_of(fixture.client().with(token_coroutine(fetch), {}), fixture.first()));
    REQUIRE(!got);
    CHECK(got.error() == errc::no_token);
    CHECK(got.error().phase() == "token");
    CHECK(got.error().message().find("the vault is sealed") != std::string::npos);
    CHECK(fixture.api.counts().requests == 0);
}

TEST_CASE("what a token coroutine throws as a failure keeps its detail and what the user can do")
{
    simulator_fixture fixture;
    const auto fetch = []() -> asio::awaitable<secret> {
        failure_record why;
        why.code = errc::no_token;
        why.detail = "the vault is sealed";
        why.remedy = "unseal it";
        throw failure(std::move(why));
        co_return secret();
    };
    const auto got = fixture.run(one_of(fixture.client().with(token_coroutine(fetch), {}), fixture.first()));
    REQUIRE(!got);
    CHECK(got.error() == errc::no_token);
    CHECK(got.error().detail() == "the vault is sealed");
    CHECK(got.error().record().remedy == "unseal it");
    const auto none = fixture.run(one_of(fixture.client().with({}, {}), fixture.first()));
    CHECK(none.error().record().remedy == "give the client a token source");
}

TEST_CASE("a token that could end a header line never leaves")
{
    simulator_fixture fixture;
    scratch_folder folder;
    for (const std::string bad : {"two\nlines", "two\r\nX-Evil: 1", "a b", "tab\there", "caf\xc3\xa9", ""}) {
        replace_file(folder / "token", bad);
        for (const auto& source : {token(bad), token_file(folder / "token")}) {
            const auto got = fixture.run(one_of(fixture.client().with(source, {}), fixture.first()));
            REQUIRE(!got);
            CHECK(got.error() == errc::no_token);
            CHECK(got.error() == condition::invalid);
            CHECK(got.error().message().find("Evil") == std::string::npos);
        }
    }
    CHECK(fixture.api.counts().requests == 0);

    replace_file(folder / "token", " \t" + fixture.api.token() + "\r\n\n");
    CHECK(fixture.run(one_of(fixture.client().with(token_file(folder / "token"), {}), fixture.first())).has_value());
}

TEST_CASE("without a token, or with a file that is not there, a call says so and sends nothing")
{
    simulator_fixture fixture;
    scratch_folder folder;
    const auto none = fixture.run(one_of(fixture.client().with({}, {}), fixture.first()));
    REQUIRE(!none);
    CHECK(none.error() == errc::no_token);
    const auto missing = fixture.run(one_of(fixture.client().with(token_file(folder / "absent"), {}), fixture.first()));
    REQUIRE(!missing);
    CHECK(missing.error() == errc::no_token);
    CHECK(missing.error().message().find((folder / "absent").string()) != std::string::npos);
    CHECK(fixture.api.counts().connections == 0);
}

TEST_CASE("a bulk whose token source fails ends every id with that cause")
{
    simulator_fixture fixture(unlimited(30));
    auto all = fixture.client().with(token("two\nlines"), {}).kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 4});
    const auto items = fixture.run(read_all(all));
    CHECK(items.size() == 30);
    CHECK(std::all_of(items.begin(), items.end(),
        [](const auto& item) { return !item.outcome && item.outcome.error() == errc::no_token; }));
    CHECK(fixture.api.counts().requests == 0);
}

}
