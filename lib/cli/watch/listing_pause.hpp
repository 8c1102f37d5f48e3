#pragma once

#include <doks/failure.hpp>

#include <chrono>

namespace doks::cli {

// How long a watch waits before it asks the API for its clusters again.

/// Some minutes, with jitter of a quarter, so that programs that were started together do not list together.
std::chrono::nanoseconds pause_between_listings();

/// Doubles with each failure in a row, `failures` of them so far, from some seconds to the pause between listings; no
/// sooner than the failure says that it makes sense.
std::chrono::nanoseconds pause_after_failure(unsigned failures, const failure& why);

}
