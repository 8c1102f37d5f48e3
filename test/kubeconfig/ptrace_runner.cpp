#include "kubeconfig/ptrace_runner.hpp"

#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <stdexcept>

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// Only Linux has this: PTRACE_SYSCALL stops the child before and after each system call, and its registers can be
// changed.

namespace {

/// A child that stops at the beginning and at the end of each system call.
class tracee
{
public:
    explicit tracee(const std::function<int()>& work)
    {
        std::fflush(nullptr); // or the child may print it again
        child_ = ::fork();
        if (child_ == 0) {
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::raise(SIGSTOP);
            ::_exit(work());
        }
        ::waitpid(child_, &status_, 0);
        constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
        if (!WIFSTOPPED(status_) || ::ptrace(PTRACE_SETOPTIONS, child_, nullptr, options) != 0) {
            kill();
            throw std::runtime_error("processes cannot be traced here");
        }
    }
    tracee(const tracee&) = delete;
    tracee& operator=(const tracee&) = delete;
    ~tracee()
    {
        if (!ended()) kill();
    }

    /// The next beginning or end of a system call; false once the process has ended.
    bool step()
    {
        long signal = 0;
        do {
            ::ptrace(PTRACE_SYSCALL, child_, nullptr, signal);
            if (::waitpid(child_, &status_, 0) != child_) throw std::runtime_error("waitpid");
            signal = WIFSTOPPED(status_) ? WSTOPSIG(status_) : 0;
        } while (!ended() && signal != (SIGTRAP | 0x80));
        if (ended()) return false;
        ::ptrace(PTRACE_GET_SYSCALL_INFO, child_, sizeof(call_), &call_);
        return true;
    }

    bool at_entry() const { return call_.op == PTRACE_SYSCALL_INFO_ENTRY; }
    const __ptrace_syscall_info& call() const { return call_; }
    pid_t id() const { return child_; }

    void kill()
    {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, &status_, 0);
    }

    /// What the work returned; -1 if it was killed.
    int result() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

private:
    bool ended() const { return WIFEXITED(status_) || WIFSIGNALED(status_); }

    pid_t child_ = 0;
    int status_ = 0;
    __ptrace_syscall_info call_{};
};

/// The call opens, writes, syncs, renames, truncates or unlinks.
bool touches_the_disk(const __ptrace_syscall_info& call)
{
    constexpr std::uint64_t standard_error = 2;
    if (call.entry.nr == SYS_write) return call.entry.args[0] > standard_error;
    for (const long number : {SYS_openat, SYS_fsync, SYS_fdatasync, SYS_renameat, SYS_renameat2, SYS_unlinkat,
             SYS_ftruncate, SYS_fchmod, SYS_mkdirat})
        if (call.entry.nr == static_cast<std::uint64_t>(number)) return true;
#if defined(__x86_64__)
    return call.entry.nr == SYS_rename || call.entry.nr == SYS_mkdir;
#else
    return false;
#endif
}

#if defined(__x86_64__)
constexpr bool can_fail = true;

/// Skips the system call that begins, and has it return the error.
void fail(tracee& child, int error)
{
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, child.id(), nullptr, &registers);
    registers.orig_rax = static_cast<unsigned long long>(-1);
    ::ptrace(PTRACE_SETREGS, child.id(), nullptr, &registers);
    if (!child.step()) return;
    ::ptrace(PTRACE_GETREGS, child.id(), nullptr, &registers);
    registers.rax = static_cast<unsigned long long>(-error);
    ::ptrace(PTRACE_SETREGS, child.id(), nullptr, &registers);
}
#else
constexpr bool can_fail = false;

void fail(tracee&, int) {}
#endif

}

ptrace_result killed_at(std::size_t number, const std::function<int()>& work)
{
    ptrace_result seen;
    tracee child(work);
    while (child.step()) {
        if (!child.at_entry()) continue;
        if (seen.calls++ != number) continue;
        child.kill();
        break;
    }
    seen.status = child.result();
    return seen;
}

ptrace_result failing_at(std::size_t number, int error, const std::function<int()>& work)
{
    ptrace_result seen;
    if (!can_fail) return seen;
    tracee child(work);
    while (child.step())
        if (child.at_entry() && touches_the_disk(child.call()) && seen.calls++ == number) fail(child, error);
    seen.status = child.result();
    return seen;
}
