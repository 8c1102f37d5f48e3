#include "api/collected_texts.hpp"
#include "support/long_form.hpp"
#include "support/secrets/echo_api.hpp"
#include "support/secrets/encoders.hpp"
#include "support/user_policies.hpp"

#include <doks/client.hpp>
#include <doks/keeper.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

// An intermediary that echoes the request: no secret of the client is in an error, an event or a value, whatever the call.

namespace doks::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// One that tells what it ought to keep for itself.
struct talkative : user_policy
{
    std::string said;
    explicit talkative(std::string text)
        : said(std::move(text))
    {}
    template <class F> std::invoke_result_t<F&> operator()(F call) const
    {
        try {
            co_return co_await call();
        } catch (const std::exception&) {
            throw std::runtime_error("401 for Authorization: Bearer " + said);
        }
    }
};

asio::awaitable<void> call_everything(client by, record_of_texts& to)
{
    const std::string id = echo_api::cluster_id;
    call_options brief;
    brief.timeout = 300ms;
    to.hear(co_await by.try_kubeconfig(id, brief));
    to.hear(co_await by.try_clusters(brief));
    cluster_selector wanted;
    wanted.tags = {"production"};
    to.hear(co_await by.try_clusters(wanted, brief));
    to.hear(co_await by.try_cluster(id, brief));
    to.hear(co_await by.try_find_cluster("one", brief));
    to.hear(co_await by.try_cluster_user(id, brief));
    to.hear(co_await by.try_credentials(id, brief));
    to.hear(co_await by.try_wait_ready(id, brief));
    call_options exact = brief;
    exact.expiry_is = expiry_precision::exact;
    to.hear(co_await by.try_kubeconfig(id, exact));
    bulk_options hasty;
    hasty.attempts = 1;
    hasty.timeout = 300ms;
    const auto all = std::make_shared<bulk>(
        by.kubeconfigs(std::vector<std::string>{id, "b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11"}, hasty));
    asio::steady_timer limit(co_await asio::this_coro::executor, 300ms);
    limit.async_wait([all](const boost::system::error_code&) { all->stop(0s); }); // a 429 has it wait for quota
    while (auto item = co_await all->next()) to.hear(item->outcome);
    limit.cancel();
    const keeper kept{by};
    to.hear(co_await kept.try_kubeconfig(id, brief));
    auto changes = kept.changes();
    kept.keep({id});
    changes.try_next([&to](const result<std::optional<renewal_event>>& news) {
        if (!news || !*news) return;
        to.hear((*news)->error);
        if ((*news)->config) to.hear(*(*news)->config);
    });
    asio::steady_timer moment(co_await asio::this_coro::executor, 50ms);
    co_await moment.async_wait(asio::use_awaitable);
    co_await kept.drain(0s);
}

client_config config_for(const echo_api& api, const std::string& secret, record_of_texts& to)
{
    client_config config;
    config.api_url = api.url();
    config.token = token(secret);
    config.attempts = 1;
    config.rate_limit.clear();
    config.observer = [&to](const event& what) { to.hear(what); };
    return config;
}

/// Runs the call, and gives up waiting for what does not end: that is another test's to find.
void run(asio::io_context& context, asio::awaitable<void> work)
{
    bool over = false;
    asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown) {
        over = true;
        if (thrown) std::rethrow_exception(thrown);
    });
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    context.restart();
    while (!over && std::chrono::steady_clock::now() < give_up) context.run_one_for(10ms);
    CHECK(over);
    context.run_for(1ms);
}

}

TEST_CASE("an intermediary that echoes the request brings no API token into an error, an event or a value")
{
    const std::size_t rounds = is_long() ? 1'000 : 40;
    std::mt19937_64 random(20261127);
    std::size_t answers = 0;
    std::size_t leaks = 0;
    record_of_texts all;
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto secret =
            round % 2 ? random_token(random) : random_text(random, "ABCDwxyz0123456789-._~+=", 24 + below(random, 40));
        echo_api api(random());
        record_of_texts heard;
        asio::io_context context;
        const client by(context.get_executor(), config_for(api, secret, heard));
        run(context, call_everything(round % 5 == 4 ? by.with(transparent()) : by, heard));
        answers += api.answered();
        const auto leaked = leak_finder(secret).find(heard.texts);
        leaks += !leaked.empty();
        CAPTURE(secret);
        CHECK_MESSAGE(leaked.empty(), leaked);
        all.failures += heard.failures;
        all.values += heard.values;
        all.events += heard.events;
        all.texts += heard.texts;
    }
    CHECK(all.values > rounds / 4);
    CHECK(all.texts.find("[redacted]") != std::string::npos);
    MESSAGE(answers << " echoing answers, " << all.failures << " failures, " << all.values << " values, " << all.events
                    << " events, " << all.texts.size() / 1024 << " KiB: tokens found " << leaks);
}

TEST_CASE("a token that was rotated, and another account's on the same connections, are looked for too")
{
    const std::string first = "first-secret-of-team-one-0123456789";
    const std::string second = "other-secret-of-team-two-9876543210";
    echo_api api(3);
    asio::io_context context;
    record_of_texts heard;
    const client one(context.get_executor(), config_for(api, first, heard));
    const client two = one.with(token(second), "two");
    run(context, call_everything(one, heard));
    run(context, call_everything(two, heard));
    CHECK(leak_finder(first).find(heard.texts).empty());
    CHECK(leak_finder(second).find(heard.texts).empty());
}

TEST_CASE("a proxy that echoes the request brings no credentials of its user into an error or an event")
{
    std::mt19937_64 random(407);
    record_of_texts heard;
    const std::string password = "pass word:with/%25signs-and-digits-0123456789";
    for (int round = 0; round < 40; ++round) {
        echo_api proxy(random());
        asio::io_context context;
        auto config = config_for(proxy, random_token(random), heard);
        config.api_url = "https://api.digitalocean.com";
        config.proxy.url =
            "http://proxy-user:" + each_as("%%%02X", password) + "@127.0.0.1:" + std::to_string(proxy.port());
        const client by(context.get_executor(), config);
        call_options brief;
        brief.timeout = 300ms;
        std::optional<result<kubeconfig>> outcome;
        by.try_kubeconfig(
            echo_api::cluster_id, brief, [&](result<kubeconfig> got) { outcome.emplace(std::move(got)); });
        context.restart();
        while (!outcome) context.run_one();
        heard.hear(*outcome);
        context.run_for(1ms);
    }
    CHECK(heard.failures == 40);
    CHECK(leak_finder(password).find(heard.texts).empty());
    CHECK(leak_finder("proxy-user:" + password).find(heard.texts).empty());
}

TEST_CASE("the text of a user's policy or token source is redacted too")
{
    const std::string secret = "secret-of-the-account-0123456789";
    echo_api api(1);
    asio::io_context context;
    record_of_texts heard;
    const client by(context.get_executor(), config_for(api, secret, heard));
    for (int i = 0; i < 8; ++i) {
        std::optional<result<kubeconfig>> outcome;
        call_options brief;
        brief.timeout = 300ms;
        by.with(talkative(secret)).try_kubeconfig(echo_api::cluster_id, brief, [&](result<kubeconfig> got) {
            outcome.emplace(std::move(got));
        });
        context.restart();
        while (!outcome) context.run_one();
        heard.hear(*outcome);
    }
    CHECK(heard.failures != 0);
    CHECK(leak_finder(secret).find(heard.texts).empty());
}

TEST_CASE("what repeats no secret is told as the server said it")
{
    echo_api api(1);
    api.honest_about = "*";
    asio::io_context context;
    record_of_texts heard;
    const client by(context.get_executor(), config_for(api, "secret-of-the-account-0123456789", heard));
    run(context, [](client of, record_of_texts& to) -> asio::awaitable<void> {
        auto all = co_await of.try_clusters();
        to.hear(all);
        auto config = co_await of.try_kubeconfig(echo_api::cluster_id);
        to.hear(config);
    }(by, heard));
    CHECK(heard.failures == 0);
    CHECK(heard.texts.find("\none\n") != std::string::npos);
    CHECK(heard.texts.find(echo_api::cluster_id) != std::string::npos);
}

}
