#include "kubeconfig/posix/directory_watch.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace doks::kube {

namespace {

file_error error_of(const std::string& operation, int error)
{
    const bool is_limit = error == EMFILE || error == ENFILE || error == ENOSPC;
    return system_error(
        operation, error, is_limit ? "raise the limits of open files and of inotify instances and watches" : "");
}

void take(const char* events, std::size_t size, directory_news& into)
{
    for (std::size_t at = 0; at < size;) {
        inotify_event event{};
        std::memcpy(&event, events + at, sizeof(event));
        if ((event.mask & IN_Q_OVERFLOW) != 0) into.everything = true;
        if ((event.mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT)) != 0) into.moved = true;
        if (event.len > 0) into.names.insert(events + at + sizeof(event));
        at += sizeof(event) + event.len;
    }
}

}

file_result<directory_watch> directory_watch::open(const std::filesystem::path& directory)
{
    constexpr std::uint32_t wanted = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE |
                                     IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR;
    descriptor queue(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!queue || ::inotify_add_watch(queue.get(), directory.c_str(), wanted) < 0)
        return error_of("watching " + directory.string(), errno);
    return directory_watch(std::move(queue));
}

directory_news directory_watch::read() const
{
    directory_news news;
    std::array<char, 16384> events{};
    for (;;) {
        const auto got = ::read(queue_.get(), events.data(), events.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return news;
        take(events.data(), static_cast<std::size_t>(got), news);
    }
}

file_result<doorbell> doorbell::open()
{
    descriptor bell(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!bell) return error_of("starting the thread that writes", errno);
    return doorbell(std::move(bell));
}

void doorbell::ring() const noexcept
{
    const std::uint64_t once = 1;
    while (::write(bell_.get(), &once, sizeof(once)) < 0 && errno == EINTR) {
    }
}

void doorbell::wait(const directory_watch* also) const noexcept
{
    std::array<pollfd, 2> waited{
        pollfd{bell_.get(), POLLIN, 0}, pollfd{also == nullptr ? -1 : also->handle(), POLLIN, 0}};
    ::poll(waited.data(), waited.size(), -1);
    std::uint64_t rings = 0;
    while (::read(bell_.get(), &rings, sizeof(rings)) < 0 && errno == EINTR) {
    }
}

}
