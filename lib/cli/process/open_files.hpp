#pragma once

#include <cstddef>

namespace doks::cli {

/// As many open files as this process may allow itself; at the start of the program.
void raise_limit_of_open_files() noexcept;

/// How many files this process may have open.
std::size_t most_open_files() noexcept;

/// How many connections leave room for as many files that are being written, and for all else; one at least.
std::size_t connections_with_room_for_files() noexcept;

}
