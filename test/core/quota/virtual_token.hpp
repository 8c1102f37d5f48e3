#pragma once

#include "core/quota/rate_limiter.hpp"

#include "core/quota/limiters.hpp"
#include "core/quota/reference_server.hpp"
#include "core/rng.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <vector>

namespace core_test {

using doks::core::response_hints;
using doks::core::wall_time;

/// One token at DigitalOcean: judges each request when it arrives and says what its header would.
class virtual_token
{
public:
    struct reply
    {
        bool admitted = false;
        response_hints hints;
    };

    virtual_token(server_rules rules, duration offset)
        : judge_(doks::digitalocean_limits(), rules, offset)
    {}

    reply arrive(instant at)
    {
        using std::chrono::floor, std::chrono::ceil, std::chrono::seconds;
        const bool hour_full = judge_.counted(1, at) >= 5000, minute_full = judge_.counted(0, at) >= 250;
        reply said;
        said.admitted = judge_.arrive(at);
        if (!hour_full && minute_full) said.hints.retry_after = ceil<seconds>(judge_.below(0, 250, at) - at);
        const std::size_t used = judge_.counted(1, at);
        said.hints.date = floor<seconds>(wall(at));
        said.hints.rate_limit.limit = 5000;
        said.hints.rate_limit.remaining = said.admitted ? 5000 - used : 0;
        said.hints.rate_limit.reset = floor<seconds>(wall(judge_.below(1, used, at)));
        if (distort) distort(said.hints, at);
        return said;
    }

    /// The server's clock.
    static wall_time wall(instant at)
    {
        constexpr wall_time then = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);
        return then + std::chrono::duration_cast<wall_time::duration>(at - start);
    }

    /// What becomes of a response's header on its way.
    std::function<void(response_hints&, instant)> distort;

private:
    reference_server judge_;
};

/** A bulk in one process: its limiter, and up to 64 requests that travel 20 to 200 ms each way.

    Events of a sort come one by one: the earliest of the next arrival, the next response and the next slot.
*/
class bulk_process
{
public:
    static constexpr std::size_t connections = 64;

    bulk_process(virtual_token& server, std::uint64_t seed, std::size_t ids, instant now)
        : limiter(doks::digitalocean_limits())
        , pending(ids)
        , server_(server)
        , rng_(seed)
        , now_(now)
    {}

    /// Up to the last response, or to `end`; requests that are on their way then arrive all the same.
    void run(instant end = doks::core::never)
    {
        while (now_ < end && (pending != 0 || !roads_.empty())) {
            while (has_room() && send()) {
            }
            const instant road = roads_.empty() ? doks::core::never : roads_.top().at;
            const instant slot = has_room() ? limiter.next(now_, in_bulk()) : doks::core::never;
            now_ = std::min({road, slot > now_ ? slot : now_ + std::chrono::milliseconds(50), end});
            if (now_ == road) travel();
        }
        if (now_ == end) abandon();
    }

    instant now() const { return now_; }

    rate_limiter limiter;
    std::size_t pending = 0;
    std::size_t sent = 0;
    std::size_t refused = 0;
    std::size_t most_foreign = 0;
    std::vector<instant> sends, refusals;

private:
    struct journey
    {
        instant at;
        std::size_t order;
        rate_limiter::ticket ticket;
        bool answered = false;
        virtual_token::reply said{};

        bool operator>(const journey& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
    };

    bool has_room() const { return pending != 0 && roads_.size() < connections; }
    duration leg() { return rng_.between<duration>(std::chrono::milliseconds(20), std::chrono::milliseconds(200)); }

    bool send()
    {
        const auto ticket = limiter.reserve(now_, in_bulk());
        if (!ticket) return false;
        --pending;
        ++sent;
        sends.push_back(now_);
        roads_.push({now_ + leg(), sent, *ticket});
        return true;
    }

    /// The next request or response arrives.
    void travel()
    {
        auto one = roads_.top();
        roads_.pop();
        if (one.answered) return hear(one);
        one.said = server_.arrive(now_);
        one.answered = true;
        one.at = now_ + leg();
        roads_.push(one);
    }

    void hear(const journey& one)
    {
        const rate_limiter::arrival at{now_, virtual_token::wall(now_), rng_.unit()};
        if (one.said.admitted) {
            limiter.settle(one.ticket, one.said.hints, at);
        } else {
            limiter.refuse(one.ticket, one.said.hints, at);
            refusals.push_back(now_);
            ++refused;
            ++pending;
        }
        most_foreign = std::max(most_foreign, limiter.external(now_));
    }

    /// The process is killed: its requests arrive, and no response is heard.
    void abandon()
    {
        for (; !roads_.empty(); roads_.pop())
            if (!roads_.top().answered) server_.arrive(roads_.top().at);
    }

    virtual_token& server_;
    core_test::rng rng_;
    std::priority_queue<journey, std::vector<journey>, std::greater<>> roads_;
    instant now_;
};

}
