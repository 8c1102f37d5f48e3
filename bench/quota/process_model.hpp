#pragma once

#include "quota/rng.hpp"
#include "quota/server_model.hpp"

#include "core/quota/rate_limiter.hpp"

#include <optional>

namespace quota {

using doks::core::rate_limiter;

/** A process with a bulk of ids, and a limiter of its own: it knows of the others by the server's responses alone.

    It asks and waits as the library's gate does; a refused id is queued again.
*/
class process_model
{
public:
    static constexpr std::size_t connections = 64;

    process_model(std::size_t ids, std::uint64_t seed);

    /// Its clock starts to count requests after a reset that everybody waits for.
    void watch_return_after(instant reset) { reset_ = reset; }

    /// The right to send one more request now, if there is something to send and the limiter lets it.
    std::optional<rate_limiter::ticket> try_send(instant now);
    /// When to look again, if it does not wait for responses alone.
    std::optional<instant> wakes_at(instant now) const;
    void hear(const rate_limiter::ticket& used, const reply& said, instant now, wall_time wall);

    bool is_done() const { return pending_ == 0 && in_flight_ == 0; }
    std::size_t sent() const { return sent_; }
    std::size_t served() const { return served_; }
    std::size_t refused() const { return refused_; }
    std::size_t refused_after_reset() const { return refused_after_reset_; }
    /// Requests in the second that began with the first one after the reset.
    std::size_t first_second() const { return first_second_; }
    const rate_limiter& limiter() const { return limiter_; }

private:
    bool has_room() const { return pending_ != 0 && in_flight_ < connections; }
    void count_return(instant now);

    rate_limiter limiter_{doks::digitalocean_limits()};
    rng rng_;
    std::size_t pending_;
    std::size_t in_flight_ = 0;
    std::size_t sent_ = 0;
    std::size_t served_ = 0;
    std::size_t refused_ = 0;
    std::size_t refused_after_reset_ = 0;
    std::optional<instant> reset_;
    std::optional<instant> returned_;
    std::size_t first_second_ = 0;
};

}
