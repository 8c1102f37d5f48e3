#pragma once

#include "core/outcome.hpp"

#include <optional>
#include <string_view>

namespace doks::api {

/// What a cluster's state means for whoever waits for its kubeconfig.
enum class readiness
{
    ready,  ///< it has one: running, degraded, upgrading
    coming, ///< provisioning, and whatever is not documented today
    broken, ///< error
    gone    ///< deleting, deleted
};
readiness readiness_of(std::string_view state) noexcept;

/// How a wait paces its looks at a cluster.
struct wait_pace
{
    core::duration first = std::chrono::seconds(5); ///< each pause is half as long again as the one before
    core::duration longest = std::chrono::seconds(30);
    core::duration absent = std::chrono::minutes(2);    ///< so long a 404 in a row is waited through
    core::duration last_look = std::chrono::seconds(2); ///< a pause ends so long before the deadline, or at it
};

/// What a wait remembers from one look to the next.
struct wait_memory
{
    core::duration pause{};
    std::optional<core::instant> absent_since;
};

/// What follows a look.
struct wait_step
{
    enum class verdict
    {
        complete,
        look_again, ///< at `at`; where that is the deadline, nothing is left to look for
        end_broken,
        end_gone,
        end_absent
    };
    verdict what = verdict::look_again;
    core::instant at{};
};

/** Decides what follows a look at a cluster; without a state the API knew no such cluster.

    Shape: `unit` is uniform in [0, 1): it shortens the pause by up to a quarter, so that those who wait do not look together.
*/
wait_step after_look(std::optional<std::string_view> state, wait_memory& so_far, const wait_pace& pace,
    core::instant now, core::instant deadline, double unit) noexcept;

}
