#include "network/servers/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

// Starts programs, and ends them with this process.

namespace doks::test {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

/// Between fork and exec, so nothing but system calls.
[[noreturn]] void become(char* const* arguments, int log)
{
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::execv(arguments[0], arguments);
    ::_exit(127);
}

}

process::process(std::vector<std::string> arguments, const std::string& log)
{
    std::vector<char*> list;
    for (auto& each : arguments) list.push_back(each.data());
    list.push_back(nullptr);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    id_ = ::fork();
    if (id_ == 0) become(list.data(), out);
    ::close(out);
    if (id_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    ::setpgid(id_, id_);
}

process::~process()
{
    if (!ended()) ::kill(id_, SIGTERM);
    for (const auto give_up = steady_clock::now() + 5s; !ended() && steady_clock::now() < give_up;)
        std::this_thread::sleep_for(2ms);
    if (ended()) return;
    ::kill(-id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
}

void process::send(int signal) const { ::kill(id_, signal); }

bool process::ended()
{
    int raw = 0;
    if (status_ < 0 && ::waitpid(id_, &raw, WNOHANG) == id_)
        status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return status_ >= 0;
}

int process::wait(std::chrono::seconds at_most)
{
    for (const auto give_up = steady_clock::now() + at_most; !ended(); std::this_thread::sleep_for(2ms))
        if (steady_clock::now() > give_up) throw std::runtime_error("a process did not end in time");
    return status_;
}

std::string program(const std::string& name)
{
    const char* const path = std::getenv("PATH");
    std::string folders = (path ? std::string(path) : "") + ":/usr/sbin:/usr/local/sbin:/sbin:";
    for (std::size_t from = 0, to; (to = folders.find(':', from)) != std::string::npos; from = to + 1) {
        const auto candidate = folders.substr(from, to - from) + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

std::uint16_t free_port()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto at = loopback(0);
    socklen_t size = sizeof at;
    ::bind(fd, reinterpret_cast<sockaddr*>(&at), size);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    ::close(fd);
    return ntohs(at.sin_port);
}

bool wait_for_listener(std::uint16_t port, process& who)
{
    for (const auto give_up = steady_clock::now() + 10s; !who.ended() && steady_clock::now() < give_up;) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto at = loopback(port);
        const bool there = ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
        ::close(fd);
        if (there) return true;
        std::this_thread::sleep_for(5ms);
    }
    return false;
}

void write_file(const std::string& path, std::string_view text)
{
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

}
