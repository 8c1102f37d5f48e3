#pragma once

#include <cstddef>
#include <string>
#include <vector>

// In this program getaddrinfo is ours. It calls the system's, except where a test sets an outcome here.

namespace doks::test::resolver {

/// The name has these addresses, one after the other.
void set(const std::string& name, std::vector<std::string> addresses);

/// Names below this one get no response before `release`.
inline constexpr const char* stuck = ".stuck.test";
void release();

/// The names that it was asked for since the last call.
std::vector<std::string> take_asked();
/// Threads that are in it.
std::size_t at_work();
/// The largest number of threads that were in it at once, and whether any of them could be interrupted by a signal.
std::size_t most_at_once();
bool takes_signals();

}
