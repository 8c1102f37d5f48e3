#pragma once

#include <doks/sim/fault.hpp>
#include <doks/sim/options.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace doks::sim {

/** The fault and the latencies of one request. */
struct fault_decision
{
    sim::fault fault{};
    double fraction = 0; ///< Where in the response the fault strikes, if it has no offset.
    std::chrono::nanoseconds request_latency{0};
    std::chrono::nanoseconds response_latency{0};
};

/** Chooses faults and latencies: scripted ones first, then by rate.

    All random numbers come from one seed, so a run with one connection at a time can be repeated. Protected by the mutex of the
    shared state, which owns it.
*/
class fault_plan
{
public:
    fault_plan(std::uint64_t seed, std::vector<fault> faults, sim::latency latency);

    /** none, refuse or stall_handshake. */
    fault for_connection();
    fault_decision for_request(std::string_view path);

    void script(fault fault, std::string path_prefix, std::size_t times);
    void set_faults(std::vector<fault> faults);
    void set_latency(sim::latency value);

private:
    struct scripted
    {
        sim::fault fault;
        std::string path_prefix;
        std::size_t times;
    };

    std::optional<fault> take_scripted(bool of_connection, std::string_view path);
    fault draw(bool of_connection);
    std::chrono::nanoseconds draw_latency();

    std::mt19937_64 random_;
    std::vector<fault> faults_;
    std::deque<scripted> script_;
    sim::latency latency_;
};

}
