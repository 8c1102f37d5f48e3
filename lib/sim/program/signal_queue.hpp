#pragma once

#include <csignal>

namespace doks::sim::program {

/** Holds back the signals that would end doks-sim, and SIGCHLD, so that they can be waited for.

    Threads: construct it before the process starts another thread.
*/
class signal_queue
{
public:
    signal_queue();

    /** The next signal, and who sent it. */
    siginfo_t wait() const;

    /** The process's signal mask before this object; a command starts with it. */
    const sigset_t& mask_before() const { return before_; }

private:
    sigset_t awaited_;
    sigset_t before_;
};

}
