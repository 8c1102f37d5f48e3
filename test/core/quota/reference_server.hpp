#pragma once

#include "core/outcome.hpp"

#include <doks/rate_limit.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace core_test {

using doks::rate_window;
using doks::core::duration;
using doks::core::instant;

/// The ways in which a server may understand "250 a minute"; which one it is is not documented.
struct server_rules
{
    bool sliding = true;
    bool refusals_count = false;
};

inline constexpr server_rules every_server[] = {{true, false}, {true, true}, {false, false}, {false, true}};

/// Judges each request when it arrives, by plain lists of what arrived before.
class reference_server
{
public:
    reference_server(std::vector<rate_window> windows, server_rules rules, duration offset)
        : windows_(std::move(windows))
        , rules_(rules)
        , offset_(offset)
        , logs_(windows_.size())
        , fixed_(windows_.size())
    {}

    /// Called in the order of arrival; true if the request is answered, false if it is refused.
    bool arrive(instant at)
    {
        bool fits = true;
        for (std::size_t i = 0; i < windows_.size(); ++i) fits = counted(i, at) < windows_[i].limit && fits;
        if (fits || rules_.refusals_count)
            for (std::size_t i = 0; i < windows_.size(); ++i) count(i, at);
        return fits;
    }

    /// Requests that count in a window; times never go back.
    std::size_t counted(std::size_t i, instant at)
    {
        if (!rules_.sliding) return fixed_[i][number(i, at)];
        auto& log = logs_[i];
        while (!log.empty() && log.front() <= at - windows_[i].per) log.pop_front();
        return log.size();
    }
    /// When a window counts fewer than `wanted`, if nothing more comes.
    instant below(std::size_t i, std::size_t wanted, instant at)
    {
        const std::size_t count = counted(i, at);
        if (count < wanted) return at;
        if (rules_.sliding) return logs_[i][count - wanted] + windows_[i].per;
        return instant((number(i, at) + 1) * windows_[i].per - offset_);
    }

private:
    void count(std::size_t i, instant at)
    {
        if (rules_.sliding)
            logs_[i].push_back(at);
        else
            ++fixed_[i][number(i, at)];
    }
    std::int64_t number(std::size_t i, instant at) const
    {
        return (at.time_since_epoch() + offset_).count() / windows_[i].per.count();
    }

    std::vector<rate_window> windows_;
    server_rules rules_;
    duration offset_;
    std::vector<std::deque<instant>> logs_;
    std::vector<std::map<std::int64_t, std::size_t>> fixed_;
};

}
