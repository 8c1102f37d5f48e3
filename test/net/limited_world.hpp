#pragma once

#include "net/call_fixture.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

// Clients of a server in virtual time that counts the requests of each token, as DigitalOcean does.

namespace doks::test {

using namespace std::chrono_literals;

inline std::vector<std::string> numbered_ids(std::size_t count)
{
    std::vector<std::string> ids(count);
    std::ranges::generate(ids, [i = std::size_t(0)]() mutable { return numbered_id(i++); });
    return ids;
}

/// A world whose server counts each token's arrivals as the API does, naively, and responses after 100 ms.
struct limited_world
{
    explicit limited_world(std::vector<rate_window> limits)
        : windows(std::move(limits))
        , world([this](const seen_request& seen) { return meet(seen); })
    {}
    /// Admits a request while each window has room in the token's log, and refuses it with 429 otherwise.
    scripted_answer meet(const seen_request& seen)
    {
        const auto now = world.time->steady_now();
        const auto from = seen.head.find("Authorization: ");
        auto& log = logs[seen.head.substr(from, seen.head.find('\r', from) - from)];
        const auto is_full = [&](const rate_window& each) {
            return log.end() - std::ranges::upper_bound(log, now - each.per) >= static_cast<long>(each.limit);
        };
        if (std::ranges::any_of(windows, is_full)) return ++refused, scripted_answer{http_answer(429, "{}"), 100ms};
        log.push_back(now);
        return {http_answer(200, kubeconfig_text(id_in(seen.target()))), 100ms};
    }
    doks::client client(const std::string& bearer = "a-token")
    {
        auto config = world.config();
        config.token = token(bearer);
        config.rate_limit = windows;
        return world.client(config);
    }
    core::duration elapsed() const { return world.time->steady_now() - start; }

    std::vector<rate_window> windows;
    std::map<std::string, std::deque<core::instant>> logs;
    std::size_t refused = 0;
    virtual_world world;
    const core::instant start = world.time->steady_now();
};

}
