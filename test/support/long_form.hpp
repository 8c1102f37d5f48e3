#pragma once

#include <cstddef>
#include <cstdlib>

namespace doks::test {

/// True where `--long` asks for the long forms of the tests.
inline bool is_long() { return std::getenv("DOKS_LONG") != nullptr; }

/// The length of a random walk or of a loop.
inline std::size_t steps(std::size_t usual, std::size_t long_form) { return is_long() ? long_form : usual; }

}
