#pragma once

namespace doks::async {

/// Uniform in [0, 1), from a generator of the process that the system's entropy seeded; any thread.
double random_unit() noexcept;

}
