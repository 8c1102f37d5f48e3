#include "cli/watch/sd_notifier.hpp"

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <system_error>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace doks::cli {

sd_notifier::sd_notifier(const environment& variables, console& log)
    : log_(log)
    , socket_(variables("NOTIFY_SOCKET").value_or(""))
{
    const auto text = variables("WATCHDOG_USEC").value_or("");
    std::int64_t interval = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), interval);
    const auto whose = variables("WATCHDOG_PID").value_or(std::to_string(::getpid()));
    if (read.ec == std::errc() && interval > 0 && whose == std::to_string(::getpid()))
        watchdog_ = std::chrono::microseconds(interval);
}

void sd_notifier::reloading()
{
    timespec at{};
    ::clock_gettime(CLOCK_MONOTONIC, &at);
    const auto now = std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec);
    send("RELOADING=1\nMONOTONIC_USEC=" +
         std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(now).count()));
}

void sd_notifier::send(const std::string& text)
{
    if (!wanted()) return;
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    bool sent = false;
    errno = ENAMETOOLONG;
    if (socket_.size() < sizeof to.sun_path) {
        std::memcpy(to.sun_path, socket_.data(), socket_.size());
        if (socket_.front() == '@') to.sun_path[0] = '\0';
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
        const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const timeval patience{1, 0}; // a manager that is busy reads soon; READY=1 must not be lost
        if (fd >= 0) ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        sent = fd >= 0 && ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to),
                              length) >= 0;
        const int error = errno;
        if (fd >= 0) ::close(fd);
        errno = error;
    }
    if (sent || complained_) return;
    complained_ = true;
    log_.line(
        "doks: the service manager at NOTIFY_SOCKET cannot be reached: " + std::generic_category().message(errno));
}

}
