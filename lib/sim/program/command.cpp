#include "sim/program/command.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace doks::sim::program {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& each : texts) pointers.push_back(each.data());
    pointers.push_back(nullptr);
    return pointers;
}

int exit_status(int wait_status)
{
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

bool is_from_terminal(const siginfo_t& received) { return received.si_code == SI_KERNEL; }

}

environment process_environment()
{
    environment variables;
    for (char** each = environ; *each; ++each) {
        std::string_view text = *each;
        std::size_t equals = text.find('=');
        if (equals != text.npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return variables;
}

command_error::command_error(const std::string& command, int error)
    : std::runtime_error("cannot run '" + command + "': " + std::strerror(error))
    , status_(error == ENOENT ? 127 : 126)
{}

command::command(std::vector<std::string> arguments, const environment& variables, const signal_queue& signals)
{
    std::vector<std::string> assignments;
    assignments.reserve(variables.size());
    for (const auto& [name, value] : variables) assignments.emplace_back(name).append("=").append(value);
    auto argument_pointers = pointers_to(arguments);
    auto assignment_pointers = pointers_to(assignments);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setsigmask(&attributes, &signals.mask_before());
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int error = ::posix_spawnp(
        &id_, argument_pointers.front(), nullptr, &attributes, argument_pointers.data(), assignment_pointers.data());
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) throw command_error(arguments.front(), error);
}

int command::wait(const signal_queue& signals)
{
    while (true) {
        siginfo_t received = signals.wait();
        int status = 0;
        if (received.si_signo != SIGCHLD) {
            if (!is_from_terminal(received)) ::kill(id_, received.si_signo);
        } else if (::waitpid(id_, &status, WNOHANG) == id_) {
            return exit_status(status);
        }
    }
}

}
