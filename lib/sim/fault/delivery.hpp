#pragma once

#include "sim/fault/fault_plan.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace doks::sim {

/** The connection's fate after a response. */
enum class ending
{
    keep,  ///< It waits for the next request.
    close, ///< close_notify and FIN.
    cut,   ///< FIN without close_notify.
    reset, ///< RST.
    hold,  ///< Silence, until the client goes away.
};

/** How the bytes of one response go out. */
struct delivery
{
    std::string bytes{};
    std::chrono::nanoseconds pace{0}; ///< More than zero: one byte each time this has passed.
    std::string stray{};              ///< Bytes that belong to no response, sent behind it.
    std::chrono::nanoseconds stray_after{0};
    ending after = ending::keep;
};

/** True if something in front of the API responds, or nothing does: the API never sees the request. */
bool is_intercepted(fault_kind kind);

/** Applies the fault to a whole response. */
delivery deliver(std::string bytes, const fault_decision& decision);

}
