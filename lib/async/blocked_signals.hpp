#pragma once

#include <csignal>
#include <initializer_list>

namespace doks::async {

/// Blocks all signals of this thread, or all but some, while it lives: a thread that is started meanwhile takes none of them.
class blocked_signals
{
public:
    explicit blocked_signals(std::initializer_list<int> but = {})
    {
        sigset_t all;
        ::sigfillset(&all);
        for (const int each : but) ::sigdelset(&all, each);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;
    ~blocked_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

}
