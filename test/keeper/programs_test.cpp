#include "keeper/keeper_world.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

// The first and the third program of the design, to the letter; the second stands in test/api/programs_test.cpp.

namespace doks::test {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

struct reply
{
    int code = 0;
    std::string text;
};
reply ok(std::string_view body) { return {200, std::string(body)}; }
reply status(int code, std::string_view text = {}) { return {code, std::string(text)}; }
std::string retry_after(std::chrono::seconds wait) { return std::to_string(wait.count()); }

struct alarm
{
    std::string id;
    failure why;
    std::optional<std::chrono::system_clock::time_point> valid_until;
};
std::vector<std::string> reloaded;
std::vector<alarm> alarms;
void reload(const std::string& id, const cluster_access& with)
{
    CHECK(with.server == "https://" + id + ".k8s.ondigitalocean.com");
    CHECK(with.certificate_authority.starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK_FALSE(with.token.empty());
    reloaded.push_back(id);
}
void alert(const std::string& id, const failure& why, std::optional<std::chrono::system_clock::time_point> valid_until)
{
    alarms.push_back({id, why, valid_until});
}

// clang-format off
asio::awaitable<reply> kubeconfig_of(doks::keeper& keeper, std::string id, steady_clock::time_point by)
{
    auto found = co_await keeper.try_kubeconfig(id, {.expiry = 15min, .deadline = by});
    if (found) co_return ok(found->bytes());
    const doks::failure& why = found.error();
    if (why == doks::condition::not_found) co_return status(404);
    if (why == doks::condition::denied)    co_return status(403, why.message());
    if (why == doks::condition::throttled) co_return status(503, retry_after(why.retry_after()));
    if (why == doks::condition::timeout)   co_return status(504, why.phase());
    co_return status(502, why.request_id());
}

asio::awaitable<void> keep(doks::client client, std::vector<std::string> ids)
{
    doks::keeper keeper{client, {.expiry = 1h}};
    keeper.keep(ids);
    auto changes = keeper.changes();
    while (auto change = co_await changes.next())
        if (change->config) reload(change->id, change->config->current());    // server, CA as PEM, credential, decoded
        else                alert(change->id, change->error, change->valid_until);
}
// clang-format on

/// What the handler answers; the world runs meanwhile.
reply answer_of(keeper_world& here, doks::keeper& keeper, core::duration within = 20s)
{
    std::optional<reply> answered;
    asio::co_spawn(here.world.context, kubeconfig_of(keeper, cluster_number(1), here.world.time->steady_now() + within),
        [&](std::exception_ptr error, reply got) {
            CHECK_FALSE(error);
            answered = std::move(got);
        });
    here.world.run([&] { return answered.has_value(); });
    REQUIRE(answered);
    return *answered;
}

}

TEST_CASE("a request handler behind a keeper gives the bytes, and a status for each way to fail")
{
    keeper_world here;
    auto keeper = here.make();
    const auto fails_as = [&](keeper_world::meeting how) {
        here.meets = std::move(how);
        const auto got = answer_of(here, keeper);
        here.meets = nullptr;
        return got;
    };
    CHECK(fails_as([](auto&, auto&) { return failing_with(404); }).code == 404);
    CHECK(fails_as([](auto&, auto&) { return failing_with(403); }).code == 403);
    const auto throttled =
        fails_as([](auto&, auto&) { return scripted_answer{http_answer(429, "{}", "Retry-After: 40\r\n")}; });
    CHECK(throttled.code == 503);
    CHECK(std::stoi(throttled.text) >= 20);
    CHECK(std::stoi(throttled.text) <= 25);
    CHECK(answer_of(here, keeper, 5s).code == 503);
    here.world.run_for(2min);
    keeper.invalidate(cluster_number(1));
    CHECK(fails_as([](auto&, auto&) { return scripted_answer{"", {}, false, false, true}; }).text == "first byte");
    here.world.run_for(2min);
    keeper.invalidate(cluster_number(1));
    CHECK(fails_as([](auto&, auto&) {
        return scripted_answer{http_answer(501, "{}", "X-Request-Id: r-1\r\n")};
    }).text == "r-1");
    const auto good = answer_of(here, keeper);
    CHECK(good.code == 200);
    CHECK(answer_of(here, keeper).text == good.text);
    CHECK(here.all_minted == 3);
}

TEST_CASE("a daemon is told of every renewal, of every failure and of clusters that are gone")
{
    keeper_world here;
    reloaded.clear();
    alarms.clear();
    const std::vector<std::string> ids{cluster_number(1), cluster_number(2)};
    asio::co_spawn(here.world.context, keep(here.world.client(here.config), ids), [](std::exception_ptr) {});
    here.world.run_for(1min);
    CHECK(reloaded == ids);
    here.world.run_for(1h);
    CHECK(reloaded.size() == 4);
    here.meets = [](const std::string& id, const seen_request&) {
        return failing_with(id == cluster_number(1) ? 503 : 404);
    };
    here.world.run_for(1h);
    REQUIRE(alarms.size() == 2);
    for (const auto& each : alarms) {
        const bool fails = each.id == cluster_number(1);
        CHECK(each.why.http_status() == (fails ? 503 : 404));
        CHECK(each.valid_until); // a 404 takes nothing away
    }
    here.meets = nullptr;
    here.world.run_for(61min);
    CHECK(reloaded.size() >= 6);
    CHECK(alarms.size() == 2);
}

}
