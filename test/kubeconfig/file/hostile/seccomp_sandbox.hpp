#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

/// What work in a process of its own that may neither open nor run anything came to.
struct sandbox_result
{
    bool ended = false;       ///< it was not killed
    int signal = 0;           ///< by which it was killed
    std::uint32_t result = 0; ///< what the work returned
    double milliseconds = 0;  ///< of the processor
    std::size_t grown = 0;    ///< of the memory that it had in use at most, in bytes
};

/** Runs work in a process that the kernel kills if it opens a file, makes a socket or a process, or runs a program.

    Shape: `warm` runs first and is not counted, so that memory allocated once is not counted.
    Errors: throws std::runtime_error where the kernel has no seccomp.
*/
sandbox_result run_in_sandbox(const std::function<void()>& warm, const std::function<std::uint32_t()>& work);
