#pragma once

#include "quota/process_model.hpp"
#include "quota/scenario.hpp"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <queue>
#include <set>
#include <utility>
#include <vector>

namespace quota {

/// What came of a scenario.
struct figures
{
    duration makespan{}; ///< up to the last response, or the horizon
    bool finished = false;
    std::size_t sent = 0;
    std::size_t served = 0;
    std::size_t refused = 0;
    std::size_t rival_asked = 0; ///< while we were at it
    std::size_t rival_refused = 0;
    double share = 1;        ///< of what was let through from our start to our last
    double steady_share = 1; ///< the same over whole windows only: the last burst's window is not over when we are done
    double jain = 1;         ///< of what each process got until the first was done
    std::size_t first_second = 0;
    std::size_t refused_after_reset = 0;
    double real_seconds = 0;
};

/** Processes, servers, a rival and the roads between them, in virtual time: the next event decides what time it is.

    The same scenario gives the same figures.
*/
class world
{
public:
    /// Writes what happens to `trace` if there is one.
    explicit world(const scenario& of, std::ostream* trace = nullptr);

    figures run();

private:
    /// A request that travels: first it arrives, then its response does.
    struct journey
    {
        instant at;
        std::uint64_t order;
        std::size_t process;
        rate_limiter::ticket ticket;
        bool answered = false;
        reply said{};

        bool operator>(const journey& other) const { return at != other.at ? at > other.at : order > other.order; }
    };
    struct grant
    {
        instant at;
        bool ours;
    };

    void populate();
    bool step();
    void travel();
    void conclude(const journey& one);
    void pump(std::size_t process);
    void rival_asks();
    void note(std::size_t process, const char* what, const reply* said) const;
    double share_until(instant end) const;
    double fairness() const;
    figures measure() const;
    server_model& server_of(std::size_t process) { return servers_[process % servers_.size()]; }

    const scenario& of_;
    std::ostream* trace_;
    rng rng_;
    wall_clock clock_;
    std::vector<server_model> servers_;
    std::vector<process_model> processes_;
    std::vector<instant> wakes_; ///< of each process; `never` where it waits for responses
    std::set<std::pair<instant, std::size_t>> alarms_;
    std::priority_queue<journey, std::vector<journey>, std::greater<>> roads_;
    instant now_;
    instant rival_next_;
    instant last_answer_;
    std::uint64_t order_ = 0;
    std::size_t undone_ = 0;
    std::vector<std::size_t> at_first_finish_;
    std::vector<grant> grants_;
    std::size_t rival_asked_ = 0;
    std::size_t rival_refused_ = 0;
};

}
