#include "sim/program/signal_queue.hpp"

#include <initializer_list>

namespace doks::sim::program {

namespace {

bool is_ignored(int signal)
{
    struct sigaction action
    {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}

signal_queue::signal_queue()
{
    // An ignored SIGCHLD, inherited from the parent, would have the kernel drop a command's exit status.
    std::signal(SIGCHLD, SIG_DFL);
    ::sigemptyset(&awaited_);
    for (int signal : {SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD}) ::sigaddset(&awaited_, signal);
    // A blocked signal arrives although it is ignored; nohup wants it ignored.
    if (!is_ignored(SIGHUP)) ::sigaddset(&awaited_, SIGHUP);
    ::pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
}

siginfo_t signal_queue::wait() const
{
    siginfo_t received{};
    while (::sigwaitinfo(&awaited_, &received) < 0) {
        // EINTR: the process was stopped and continued
    }
    return received;
}

}
