#include "kubeconfig/file/hostile/seccomp_sandbox.hpp"

#include <cstddef>
#include <cstdio>
#include <ctime>
#include <stdexcept>
#include <vector>

#include <malloc.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A filter that lets the process do nothing but compute and end. It counts what the process allocates, and how
// long it takes.

namespace {

constexpr int no_filter = 3;

constexpr long forbidden[] = {
    SYS_execve,
    SYS_execveat,
    SYS_openat,
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_clone,
    SYS_ptrace,
    SYS_unlinkat,
    SYS_mkdirat,
    SYS_linkat,
    SYS_symlinkat,
    SYS_truncate,
#ifdef SYS_openat2
    SYS_openat2,
#endif
#ifdef SYS_clone3
    SYS_clone3,
#endif
#ifdef SYS_renameat2
    SYS_renameat2,
#endif
#ifdef SYS_open
    SYS_open,
    SYS_creat,
    SYS_fork,
    SYS_vfork,
    SYS_unlink,
    SYS_rename,
    SYS_mkdir,
    SYS_link,
    SYS_symlink,
#endif
};

/// From here on the kernel kills this process if it opens, connects or runs anything.
bool confine()
{
    constexpr auto jump = static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K);
    constexpr auto end = static_cast<std::uint16_t>(BPF_RET | BPF_K);
    std::vector<sock_filter> filter;
    filter.push_back({BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)});
    for (const long number : forbidden) {
        filter.push_back({jump, 0, 1, static_cast<std::uint32_t>(number)});
        filter.push_back({end, 0, 0, SECCOMP_RET_KILL_PROCESS});
    }
    filter.push_back({end, 0, 0, SECCOMP_RET_ALLOW});
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// What was freed before would be used again, and not count.
void give_back_memory()
{
#ifdef __GLIBC__
    constexpr int bytes = 128 * 1024;
    ::mallopt(M_MMAP_THRESHOLD, bytes);
    ::malloc_trim(0);
#endif
}

std::size_t most_in_use()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<std::size_t>(used.ru_maxrss) * 1024;
}

double milliseconds_of_processor()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

[[noreturn]] void work_confined(int out, const std::function<void()>& warm, const std::function<std::uint32_t()>& work)
{
    warm();
    sandbox_result seen;
    if (!confine()) ::_exit(no_filter);
    const auto in_use = most_in_use();
    const auto began = milliseconds_of_processor();
    seen.result = work();
    seen.milliseconds = milliseconds_of_processor() - began;
    seen.grown = most_in_use() - in_use;
    ::_exit(::write(out, &seen, sizeof seen) == sizeof seen ? 0 : 1);
}

}

sandbox_result run_in_sandbox(const std::function<void()>& warm, const std::function<std::uint32_t()>& work)
{
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("pipe");
    give_back_memory();
    std::fflush(nullptr); // or the child may print it again
    const pid_t child = ::fork();
    if (child == 0) work_confined(ends[1], warm, work);
    ::close(ends[1]);
    sandbox_result seen;
    const bool is_reported = ::read(ends[0], &seen, sizeof seen) == sizeof seen;
    ::close(ends[0]);
    int status = 0;
    if (::waitpid(child, &status, 0) != child) throw std::runtime_error("waitpid");
    if (WIFEXITED(status) && WEXITSTATUS(status) == no_filter) throw std::runtime_error("the kernel has no seccomp");
    seen.ended = is_reported && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    seen.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return seen;
}
