#pragma once

#include <cstdio>
#include <exception>

#include <sys/wait.h>
#include <unistd.h>

// Work in a process of its own, for what threads cannot show: locks of the kernel, crashes, other users.

/// Runs in a process of its own, which ends well if it returned true.
template <class Work> pid_t forked(Work work)
{
    std::fflush(nullptr); // or the child may print it again
    const pid_t child = ::fork();
    if (child != 0) return child;
    bool good = false;
    try {
        good = work();
    } catch (const std::exception& why) {
        std::fprintf(stderr, "%s\n", why.what());
    }
    ::_exit(good ? 0 : 1);
}

inline bool succeeded(pid_t child)
{
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
