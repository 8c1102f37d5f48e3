#pragma once

#include "core/outcome.hpp"
#include "core/quota/aimd_pacer.hpp"
#include "core/quota/effective_limit.hpp"
#include "core/quota/external_usage.hpp"
#include "core/quota/server_clock.hpp"
#include "core/quota/stamp_log.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace doks::core {

/// Who waits first: single calls go before bulks.
enum class priority
{
    single,
    bulk
};

/** Keeps the requests of one token within its windows, and holds them back after a refusal.

    A plain value: every time is a parameter, nothing is shared or waited for.

    One log of stamps serves all windows: a request that was answered counts from its response's arrival, for the server
    counted it at some moment before; one under way counts as if it were answered at any moment. So no interval of a
    window's length ever sees more than its limit, whether the server's windows slide or are fixed.

    A 429 closes it until the server's time; then one probe goes, its response opens it again, and each response after that
    lets one more be under way. It begins with a probe as well, for what other processes left of the quota is known from the
    first response on; if that shows no other user of the token, 63 more may be under way at once. Where others use the token too, a bulk leaves them what they were seen to use, half of the longest
    window at most, and takes of what is left only its own proportion at once.
*/
class rate_limiter
{
public:
    /// The right to send one request; it is settled or given back exactly once.
    struct ticket
    {
        std::uint64_t generation = 0;
        std::uint64_t settled_before = 0;
        instant sent{};
    };

    /// Who asks, and how many slots of the shortest window it leaves untouched: a small part of it where nothing is said.
    struct terms
    {
        core::priority priority = core::priority::single;
        std::optional<std::size_t> reserved_slots = 0;
    };

    /// The moment a response arrived, by both clocks; `unit` is uniform in [0, 1), for jitter.
    struct arrival
    {
        instant now;
        wall_time wall;
        double unit = 0;
    };

    /// Without windows only refusals hold requests back.
    explicit rate_limiter(std::vector<rate_window> windows);

    /// Takes a slot if one is free now.
    std::optional<ticket> reserve(instant now, const terms& on);
    std::optional<ticket> reserve(instant now) { return reserve(now, terms()); }

    /** When the request behind `ahead` others could go; never later than that if nothing else happens.

        While answers under way decide it, the earliest time that is possible.
    */
    instant next(instant now, const terms& on, std::size_t ahead = 0) const;
    instant next(instant now) const { return next(now, terms()); }

    /// No refusal came since it was given: the request may still go.
    bool is_good(const ticket& right) const noexcept
    {
        return right.generation == generation_ || state_ == state::open;
    }
    /// The request was answered.
    void settle(const ticket& used, instant now);
    /// The same; what the response says of the quota is believed within bounds.
    void settle(const ticket& used, const response_hints& said, const arrival& at);
    /// The request may have reached the server, and no response came.
    void lose(const ticket& used, instant now);
    /// The request never left.
    void give_back(const ticket& unused);
    /// The request was answered with a 429: nothing goes before `until`.
    void refuse(const ticket& used, instant now, instant until);
    void refuse(const ticket& used, const response_hints& given, const arrival& at);

    /// More windows to keep to: of two with the same length the tighter one counts.
    void restrict_to(const std::vector<rate_window>& windows);

    /// Shortest first; the longest one's limit follows what the responses say of the account.
    const std::vector<rate_window>& windows() const noexcept { return windows_; }
    /// Refusals in a row, for a wait that grows where the server names none.
    unsigned refusals() const noexcept { return refusals_; }
    /// The end of the closure that a refusal brought.
    std::optional<instant> closed_until() const noexcept;
    std::size_t in_flight() const noexcept { return in_flight_; }
    /// Requests counted within the window as of now, those under way included.
    std::size_t used(const rate_window& window, instant now) const;
    /// Requests of others within the longest window, as far as the responses tell.
    std::size_t external(instant now) const { return external_.used(now); }

private:
    enum class state
    {
        open,
        closed,
        probing
    }; ///< probing: the one request after a refusal, or the very first one, is under way

    void keep_to(std::vector<rate_window> windows);
    void send_probe(instant now);
    std::size_t most_at_once(instant now) const;
    bool is_nearly_used_up(instant now) const;
    bool is_crowded(const response_hints& said, instant now) const;
    instant free_at(const rate_window& window, std::size_t limit, std::size_t ahead, instant now) const;
    instant reported_free_at(std::size_t ahead, instant now) const;
    instant courteous_at(instant now) const;
    instant next_question(core::priority on, duration pause) const;
    instant within(const rate_window& window, std::size_t limit, std::size_t others, instant now) const;

    void learn(const ticket& used, const response_hints& said, const arrival& at);
    void resize_log();

    std::vector<rate_window> given_;   ///< as configured
    std::vector<rate_window> windows_; ///< the longest one's limit as the responses correct it
    effective_limit account_;
    server_clock clock_;

    stamp_log log_;
    std::size_t in_flight_ = 0;

    external_usage external_;
    aimd_pacer pace_;
    instant last_bulk_{};
    bool limit_in_doubt_ = false;    ///< the last response named another limit than those before it
    std::size_t reported_limit_ = 0; ///< as of the last response; 0 before the first
    instant reported_at_{};
    instant reported_reset_{};

    state state_ = state::open;
    instant until_{};
    instant resume_{};     ///< no request follows the probe before this
    instant probe_due_{};  ///< another probe goes if the one under way has no response by then
    std::size_t ramp_ = 0; ///< requests that may be under way at once
    std::uint64_t generation_ = 0;
    unsigned refusals_ = 0;
};

}
