#include "kubeconfig/file/files.hpp"
#include "kubeconfig/ptrace_runner.hpp"
#include "support/kubectl.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <cstdint>

// The comparison with kubectl: both write the same change, and both are killed at each of their system calls. It
// needs a kubectl and is skipped without one.

// H3 beside kubectl: what a crash in the middle of `kubectl config` leaves.

namespace {

bool has_kubectl()
{
    return doks::test::run_shell("'" + doks::test::kubectl_program() + "' version --client").status == 0;
}

/// A text of another process.
std::string text_at(pid_t process, std::uint64_t address)
{
    char text[512] = {};
    const iovec here{text, sizeof text - 1};
    const iovec there{reinterpret_cast<void*>(address), sizeof text - 1}; // NOLINT: another process's address
    if (::process_vm_readv(process, &here, 1, &there, 1, 0) <= 0) return {};
    return text;
}

std::string path_of_descriptor(pid_t process, std::uint64_t number)
{
    std::error_code none;
    return std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/fd/" + std::to_string(number), none);
}

/// A program with all of its threads, which is killed as it begins its N-th system call on the files of a folder.
class victim
{
public:
    victim(std::filesystem::path folder, std::vector<std::string> words)
        : folder_(std::move(folder))
        , words_(std::move(words))
    {}

    /// True if it ended before that.
    bool survives(std::size_t number)
    {
        child_ = ::fork();
        if (child_ == 0) begin();
        int status = 0;
        ::waitpid(child_, &status, 0);
        constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE;
        ::ptrace(PTRACE_SETOPTIONS, child_, nullptr, options);
        ::ptrace(PTRACE_SYSCALL, child_, nullptr, 0);
        bool killed = false;
        for (;;) {
            const pid_t thread = ::waitpid(-1, &status, __WALL);
            if (thread < 0) return !killed;
            if (!WIFSTOPPED(status)) {
                if (thread == child_) return !killed;
                continue;
            }
            if (is_call(status) && concerns_folder(thread) && number-- == 0) {
                killed = true;
                ::kill(child_, SIGKILL);
            }
            ::ptrace(PTRACE_SYSCALL, thread, nullptr, signal_to_pass(status));
        }
    }

private:
    [[noreturn]] void begin()
    {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        std::vector<char*> arguments;
        for (auto& word : words_) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        ::setenv("HOME", "/nonexistent", 1);
        ::raise(SIGSTOP);
        const int quiet = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        ::dup2(quiet, STDOUT_FILENO);
        ::dup2(quiet, STDERR_FILENO);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }

    static bool is_call(int status) { return WSTOPSIG(status) == (SIGTRAP | 0x80); }
    /// A stop that tracing makes is not the program's.
    static long signal_to_pass(int status)
    {
        const int signal = WSTOPSIG(status);
        return signal == SIGTRAP || signal == SIGSTOP || is_call(status) ? 0 : signal;
    }

    bool concerns_folder(pid_t thread) const
    {
        __ptrace_syscall_info call{};
        ::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof call, &call);
        if (call.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
        const auto& arguments = call.entry.args;
        switch (call.entry.nr) {
        case SYS_openat:
        case SYS_unlinkat:
        case SYS_renameat:
        case SYS_renameat2:
        case SYS_fchmodat:
            return text_at(thread, arguments[1]).starts_with(folder_.string());
        case SYS_write:
        case SYS_fsync:
        case SYS_ftruncate:
        case SYS_close:
            return path_of_descriptor(thread, arguments[0]).starts_with(folder_.string());
        default:
            return false;
        }
    }

    std::filesystem::path folder_;
    std::vector<std::string> words_;
    pid_t child_ = -1;
};

/// How many crashes there were, and what they left.
struct crashes
{
    std::size_t points = 0;
    std::size_t torn = 0; ///< neither the old file nor the new one
    std::size_t empty = 0;
    std::size_t locks = 0;

    void see(const std::filesystem::path& file, std::string_view before, std::string_view after)
    {
        const auto found = content(file);
        ++points;
        torn += found != before && found != after ? 1 : 0;
        empty += found.empty() ? 1 : 0;
        locks += std::filesystem::exists(file.string() + ".lock") ? 1 : 0;
    }
};

const std::string held = texts::merged("", {texts::config("do-ams3-held", uuid(9))});

/// kubectl, killed at each of its system calls on the file.
crashes of_kubectl()
{
    crashes all;
    std::string after;
    for (bool measured = false;; measured = true) {
        for (std::size_t number = measured ? 0 : static_cast<std::size_t>(-1);; ++number) {
            const scratch root{in_memory()};
            write(root / "config", held);
            victim writer(root / "", {doks::test::kubectl_program(), "--kubeconfig", root / "config", "config",
                                         "set-context", "new", "--cluster=do-ams3-held", "--user=do-ams3-held-admin"});
            const bool survived = writer.survives(number);
            if (!measured) after = content(root / "config");
            if (!measured) break;
            if (survived) return all;
            all.see(root / "config", held, after);
        }
    }
}

/// The same for the library.
crashes of_ours()
{
    crashes all;
    std::string after;
    for (std::size_t number = static_cast<std::size_t>(-1);; ++number) {
        const scratch root{in_memory()};
        write(root / "config", held);
        const auto seen = killed_at(number, [&] {
            doks::kubeconfig_file(root / "config").merge(config_number(1), undisturbed());
            return 0;
        });
        if (after.empty())
            after = content(root / "config");
        else if (seen.status == 0)
            return all;
        else
            all.see(root / "config", held, after);
    }
}

}

// The figure that the README compares: kubectl truncates the file before it writes.
TEST_CASE("what a crash at a system call of a write leaves, by kubectl and by us")
{
    if (!has_kubectl()) {
        MESSAGE("skipped: there is no kubectl");
        return;
    }
    const auto theirs = of_kubectl();
    const auto ours = of_ours();
    CHECK(theirs.points > 0);
    CHECK(ours.points > 0);
    CHECK(ours.torn == 0);
    MESSAGE("kubectl config set-context, at each call on its files: " << theirs.points << " crash points, torn "
                                                                      << theirs.torn << " (empty " << theirs.empty
                                                                      << "), locks left " << theirs.locks);
    MESSAGE("a merge of ours, at each call: " << ours.points << " crash points, torn " << ours.torn << ", locks left "
                                              << ours.locks);
}
