#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace doks::core {

/** Keeps the requests of one token within its windows, and holds them back after a refusal.

    A plain value: every time is a parameter, nothing is shared or waited for.

    One log of stamps serves all windows: a request that was answered counts from its answer's arrival, for the server
    counted it at some moment before; one under way counts as if it were answered at any moment. So no interval of a
    window's length ever sees more than its limit, whether the server's windows slide or are fixed.

    A 429 closes it until the server's time; then one probe goes, and its answer opens it again.
*/
class rate_limiter
{
public:
    /// The right to send one request; it is settled or given back exactly once.
    struct ticket
    {
        std::uint64_t generation = 0;
    };

    /// Without windows only refusals hold requests back.
    explicit rate_limiter(std::vector<rate_window> windows);

    /// Takes a slot if one is free now, leaving `leave` slots of the shortest window untouched.
    std::optional<ticket> reserve(instant now, std::size_t leave = 0);

    /** When the request behind `ahead` others could go; never later than that if nothing else happens.

        While answers under way decide it, the earliest time that is possible.
    */
    instant next(instant now, std::size_t ahead = 0, std::size_t leave = 0) const;

    /// No refusal came since it was given: the request may still go.
    bool is_good(ticket right) const noexcept { return right.generation == generation_ || state_ == state::open; }
    /// The request was answered, or may have reached the server.
    void settle(ticket used, instant now);
    /// The request never left.
    void give_back(ticket unused);
    /// The request was answered with a 429: nothing goes before `until`.
    void refuse(ticket used, instant now, instant until);

    /// Refusals in a row, for a wait that grows where the server names none.
    unsigned refusals() const noexcept { return refusals_; }
    std::optional<instant> closed_until() const noexcept;
    std::size_t in_flight() const noexcept { return in_flight_; }
    /// Requests counted within the window as of now, those under way included.
    std::size_t used(const rate_window& window, instant now) const;

private:
    enum class state
    {
        open,
        closed,
        probing
    }; ///< probing: the one request after a refusal is under way

    void stamp(instant now);
    instant free_at(const rate_window& window, std::size_t leave, std::size_t ahead, instant now) const;

    std::vector<rate_window> windows_;
    std::size_t longest_log_ = 0;
    std::deque<instant> log_;
    std::size_t in_flight_ = 0;

    state state_ = state::open;
    instant until_{};
    std::uint64_t generation_ = 0;
    unsigned refusals_ = 0;
};

}
