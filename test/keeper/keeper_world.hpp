#pragma once

#include "support/virtual_world.hpp"

#include <doks/keeper.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace doks::test {

using namespace std::chrono_literals;

inline std::string cluster_number(std::size_t number)
{
    const auto digits = std::to_string(100'000'000'000 + number);
    return "11111111-2222-4333-8444-" + digits;
}

inline std::vector<std::string> numbered(std::size_t count)
{
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) ids.push_back(cluster_number(i));
    return ids;
}

/** A virtual world whose API mints a new token for each kubeconfig request, unless the test answers itself. */
struct keeper_world
{
    using meeting = std::function<std::optional<scripted_answer>(const std::string& id, const seen_request& seen)>;

    keeper_world()
        : world([this](const seen_request& seen) { return answer(seen); })
        , config(world.config())
    {
        config.rate_limit.clear();
    }

    scripted_answer answer(const seen_request& seen)
    {
        const auto id = id_in(seen.target());
        if (meets)
            if (auto own = meets(id, seen)) return *own;
        ++minted[id];
        ++all_minted;
        return {http_answer(200, kubeconfig_text(id, "token-" + std::to_string(all_minted)))};
    }
    keeper make(keeper_options options = {}) { return keeper(world.client(config), std::move(options)); }

    core::wall_time wall() const { return world.time->wall_now(); }

    virtual_world world;
    client_config config;
    meeting meets;
    std::map<std::string, std::size_t> minted;
    std::size_t all_minted = 0;
};

inline std::optional<scripted_answer> failing_with(unsigned status)
{
    return scripted_answer{http_answer(status, R"({"id":"x","message":"y"})")};
}

/// One `try_kubeconfig`, and what came of it.
struct asked
{
    asked(keeper_world& in, const keeper& of, const std::string& id, call_options options = {})
        : where(in)
    {
        of.try_kubeconfig(id, options, [this](result<kubeconfig> got) {
            outcome.emplace(std::move(got));
            ++completions;
            ended = where.world.time->steady_now();
        });
    }
    asked(const asked&) = delete;

    const kubeconfig& wait()
    {
        finish();
        if (!*outcome) FAIL(outcome->error().message());
        return **outcome;
    }
    failure fails()
    {
        finish();
        REQUIRE_FALSE(outcome->has_value());
        return outcome->error();
    }
    void finish()
    {
        where.world.run([this] { return completions != 0; });
        REQUIRE(completions == 1);
    }

    keeper_world& where;
    std::optional<result<kubeconfig>> outcome;
    core::instant ended{};
    int completions = 0;
};

/// Reads a keeper's news for as long as it lives.
struct news
{
    news(keeper_world& in, const keeper& of)
        : where(in)
        , changes(of.changes())
    {
        read();
    }
    void read()
    {
        changes.next([this](std::exception_ptr error, std::optional<renewal_event> got) {
            if (error || !got) return void(ended = !error);
            heard.push_back(std::move(*got));
            at.push_back(where.world.time->steady_now());
            read();
        });
    }
    std::size_t count(renewal_status status) const
    {
        std::size_t found = 0;
        for (const auto& each : heard) found += each.status == status;
        return found;
    }

    keeper_world& where;
    stream<renewal_event> changes;
    std::vector<renewal_event> heard;
    std::vector<core::instant> at;
    bool ended = false;
};

}
