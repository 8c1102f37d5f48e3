#pragma once

#include <cstddef>
#include <functional>

/** Runs work in a process of its own, system call by system call.

    Shape: `calls` of the kind that was counted were begun. `status` is what `work` returned, and -1 if it was killed.
*/
struct ptrace_result
{
    std::size_t calls = 0;
    int status = -1;
};

/// Kills it with SIGKILL as it begins its N-th system call, from 0 on.
ptrace_result killed_at(std::size_t number, const std::function<int()>& work);

/** Has its N-th system call that opens, writes, syncs, renames, truncates or unlinks fail with this error.

    Where this architecture's registers are not known to the test, `calls` is 0.
*/
ptrace_result failing_at(std::size_t number, int error, const std::function<int()>& work);
