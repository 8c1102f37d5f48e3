#pragma once

#include "core/outcome.hpp"

#include <optional>
#include <string_view>

namespace doks::api {

/// The meaning of a cluster's state for a wait for its kubeconfig.
enum class readiness
{
    ready,  ///< it has one: running, degraded, upgrading
    coming, ///< provisioning, and states that are not documented today
    broken, ///< error
    gone    ///< deleting, deleted
};
readiness readiness_of(std::string_view state) noexcept;

/// The times of a wait.
struct wait_pace
{
    core::duration first = std::chrono::seconds(5); ///< each pause is half as long again as the one before
    core::duration longest = std::chrono::seconds(30);
    core::duration absent = std::chrono::minutes(2);    ///< 404s in a row end the wait after this time
    core::duration last_look = std::chrono::seconds(2); ///< time for the last request before the deadline
};

/// The memory of a wait from one request to the next.
struct wait_memory
{
    core::duration pause{};
    std::optional<core::instant> absent_since;
};

/// The decision after a request for the cluster.
struct wait_step
{
    enum class verdict
    {
        complete,   ///< the cluster has a kubeconfig
        look_again, ///< at `at`; if that is the deadline, only to time out
        end_broken, ///< the state is `error`
        end_gone,   ///< the cluster is being deleted
        end_absent  ///< the API has answered 404 for too long
    };
    verdict what = verdict::look_again;
    core::instant at{};
};

/** Decides what follows a request for the cluster. Without a state the API knew no such cluster. Pure.

    `unit` is uniform in [0, 1); it shortens the pause by up to a quarter, so that several waits do not send together.
*/
wait_step after_look(std::optional<std::string_view> state, wait_memory& so_far, const wait_pace& pace,
    core::instant now, core::instant deadline, double unit) noexcept;

}
