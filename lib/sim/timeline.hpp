#pragma once

#include <chrono>

namespace doks::sim {

/** A point in time of the simulator: wall time that never steps, so limits and expiries share one scale. */
using instant = std::chrono::sys_time<std::chrono::nanoseconds>;

/** The only code of the simulator that reads clocks: steady time, counted from the wall time of its start. */
class timeline
{
public:
    instant now() const
    {
        auto since_start = std::chrono::steady_clock::now() - started_;
        return origin_ + std::chrono::duration_cast<std::chrono::nanoseconds>(since_start);
    }

private:
    instant origin_ = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}
