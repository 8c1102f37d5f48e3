#include "api/clusters/readiness.hpp"

#include "core/retry/retry.hpp"

#include <algorithm>

namespace doks::api {

namespace {

/// The pause grows by half each time. A pause that would end later than `last_look` before the deadline is shortened to
/// that, if there is time, so that the last response can still arrive.
core::instant next_look(
    wait_memory& so_far, const wait_pace& pace, core::instant now, core::instant deadline, double unit) noexcept
{
    so_far.pause = so_far.pause == core::duration() ? pace.first : (std::min)(pace.longest, so_far.pause / 2 * 3);
    const auto shortened = so_far.pause - std::chrono::duration_cast<core::duration>(so_far.pause * (unit / 4));
    const auto at = core::later(now, shortened);
    if (deadline - at >= pace.last_look) return at;
    return deadline - now > 2 * pace.last_look ? deadline - pace.last_look : deadline;
}

}

readiness readiness_of(std::string_view state) noexcept
{
    if (state == "running" || state == "degraded" || state == "upgrading") return readiness::ready;
    if (state == "error") return readiness::broken;
    if (state == "deleting" || state == "deleted") return readiness::gone;
    return readiness::coming;
}

wait_step after_look(std::optional<std::string_view> state, wait_memory& so_far, const wait_pace& pace,
    core::instant now, core::instant deadline, double unit) noexcept
{
    using verdict = wait_step::verdict;
    if (state) {
        so_far.absent_since.reset();
        switch (readiness_of(*state)) {
        case readiness::ready:
            return {verdict::complete};
        case readiness::broken:
            return {verdict::end_broken};
        case readiness::gone:
            return {verdict::end_gone};
        case readiness::coming:
            break;
        }
    } else {
        if (!so_far.absent_since) so_far.absent_since = now;
        if (now - *so_far.absent_since >= pace.absent) return {verdict::end_absent};
    }
    return {verdict::look_again, next_look(so_far, pace, now, deadline, unit)};
}

}
