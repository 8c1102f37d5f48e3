#include "cli/child.hpp"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

// Starts the program with streams and limits that a test chose; see child.hpp.

namespace cli_test {

namespace {

using namespace std::chrono_literals;

[[noreturn]] void give_up(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

int opened(const std::filesystem::path& file, int flags)
{
    int descriptor = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
    if (descriptor < 0) give_up(file);
    return descriptor;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> list;
    list.reserve(texts.size() + 1);
    for (std::string& each : texts) list.push_back(each.data());
    list.push_back(nullptr);
    return list;
}

int exit_status(int raw) { return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw); }

}

bool has_terminals()
{
    int master = -1;
    int terminal = -1;
    if (::openpty(&master, &terminal, nullptr, nullptr, nullptr) != 0) return false;
    ::close(master);
    ::close(terminal);
    return true;
}

child::child(const launch& how)
    : begin_(std::chrono::steady_clock::now())
{
    std::ofstream(place_.path() / "in") << how.input;
    start(how);
    handle_ = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
    if (handle_ < 0) give_up("pidfd_open");
}

child::~child()
{
    if (!ended(0ms)) {
        ::kill(id_, SIGKILL);
        ended(10'000ms);
    }
    if (terminal_.joinable()) terminal_.join();
    for (const int each : readers_) ::close(each);
    ::close(handle_);
}

void child::start(const launch& how)
{
    std::vector<std::string> arguments{how.program.empty() ? DOKS_PROGRAM : how.program};
    arguments.insert(arguments.end(), how.arguments.begin(), how.arguments.end());
    std::vector<std::string> environment;
    for (const auto& [name, value] : how.environment) environment.emplace_back(name).append("=").append(value);
    auto argv = pointers(arguments);
    auto envp = pointers(environment);
    int in = opened(place_.path() / "in", O_RDONLY);
    const bool is_pipe = how.results == output_stream::stuck || how.results == output_stream::abandoned;
    int out = is_pipe ? unread_pipe(how.results == output_stream::stuck)
                      : opened(place_.path() / "out", O_WRONLY | O_CREAT | O_APPEND);
    if (how.results == output_stream::full) {
        ::close(out);
        out = opened("/dev/full", O_WRONLY);
    }
    int master = -1;
    int err = -1;
    if (how.errors == error_stream::stuck)
        err = unread_pipe(true);
    else if (how.errors == error_stream::file)
        err = opened(place_.path() / "err", O_WRONLY | O_CREAT | O_APPEND);
    else if (::openpty(&master, &err, nullptr, nullptr, nullptr) != 0)
        give_up("openpty");
    // A signal that comes before the program runs must not meet the handlers of the tests.
    sigset_t all, before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    id_ = ::fork();
    if (id_ == 0) {
        for (int each : {SIGINT, SIGTERM, SIGHUP}) ::signal(each, SIG_DFL);
        ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
        bool placed = ::dup2(in, 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(err, 2) == 2;
        if (how.results == output_stream::closed) ::close(1);
        for (const auto& [resource, limit] : how.limits) {
            const rlimit both{limit, limit};
            placed = placed && ::setrlimit(static_cast<__rlimit_resource_t>(resource), &both) == 0;
        }
        if (placed) ::execve(argv.front(), argv.data(), envp.data());
        ::_exit(127);
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    for (int each : {in, out, err}) ::close(each);
    if (id_ < 0) give_up("fork");
    if (master >= 0) follow_terminal(master);
}

int child::unread_pipe(bool has_reader)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) give_up("pipe2");
    const std::array<char, 4096> filling{};
    while (::write(ends[1], filling.data(), filling.size()) > 0) {
    }
    ::fcntl(ends[1], F_SETFL, 0);
    if (has_reader)
        readers_.push_back(ends[0]);
    else
        ::close(ends[0]);
    return ends[1];
}

void child::follow_terminal(int master)
{
    terminal_ = std::thread([master, file = place_.path() / "err"] {
        std::ofstream copy(file, std::ios::binary);
        std::array<char, 4096> piece;
        for (;;) {
            ssize_t size = ::read(master, piece.data(), piece.size());
            if (size < 0 && errno == EINTR) continue;
            if (size <= 0) break;
            copy.write(piece.data(), size).flush();
        }
        ::close(master);
    });
}

void child::send(int signal) const { ::kill(id_, signal); }

std::string child::arguments() const { return content("/proc/" + std::to_string(id_) + "/cmdline"); }
std::string child::out() const { return content(place_.path() / "out"); }
std::string child::err() const { return content(place_.path() / "err"); }

bool child::ended(std::chrono::milliseconds within)
{
    if (status_ >= 0) return true;
    pollfd ready{handle_, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(within.count())) <= 0) return false;
    int raw = 0;
    if (::waitpid(id_, &raw, 0) == id_) status_ = exit_status(raw);
    return true;
}

void child::wait_for(const std::string& stream, const std::string& text)
{
    auto until = std::chrono::steady_clock::now() + 30s;
    for (;;) {
        bool over = ended(5ms);
        if (content(place_.path() / stream).find(text) != std::string::npos) return;
        if (over || std::chrono::steady_clock::now() > until)
            throw std::runtime_error("never came: " + text + "\nstandard error: " + err());
    }
}

void child::wait_for_out(const std::string& text) { wait_for("out", text); }
void child::wait_for_err(const std::string& text) { wait_for("err", text); }

finished child::wait(std::chrono::seconds at_most)
{
    if (!ended(at_most)) throw std::runtime_error("the program did not end in time; standard error: " + err());
    auto took = std::chrono::steady_clock::now() - begin_;
    if (terminal_.joinable()) terminal_.join();
    return {status_, out(), err(), took};
}

finished run(const launch& how)
{
    child process(how);
    return process.wait();
}

}
