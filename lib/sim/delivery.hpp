#pragma once

#include "sim/fault_plan.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace doks::sim {

/** What becomes of the connection after a response. */
enum class ending
{
    keep,  ///< It waits for the next request.
    close, ///< close_notify and FIN.
    cut,   ///< FIN without close_notify.
    reset, ///< RST.
    hold,  ///< Silence, until the client goes away.
};

/** How the bytes of one answer go out. */
struct delivery
{
    std::string bytes{};
    std::chrono::nanoseconds pace{0}; ///< More than zero: one byte each time this has passed.
    std::string stray{};              ///< Bytes that belong to no response, sent behind it.
    std::chrono::nanoseconds stray_after{0};
    ending after = ending::keep;
};

/** True if something in front of the API answers, or nothing does: the API never sees the request. */
bool is_intercepted(fault_kind kind);

/** Turns a response, as it should be on the wire, into what the fault leaves of it. */
delivery deliver(std::string response, const ordeal& met);

}
