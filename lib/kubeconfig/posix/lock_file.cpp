#include "kubeconfig/posix/lock_file.hpp"

#include "kubeconfig/read/rfc3339.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <string>
#include <thread>

#include <unistd.h>

namespace doks::kube {

namespace {

/// Its age tells a lock that was left behind from one that is in use.
file_error held(const std::filesystem::path& path)
{
    std::string detail = path.string() + " is held by another program";
    constexpr std::time_t last_representable = 9'223'372'036;
    if (const auto status = status_at(AT_FDCWD, path.c_str()))
        detail = path.string() + " has been there since " +
                 format_rfc3339(std::chrono::system_clock::from_time_t(
                     std::clamp<std::time_t>(status->st_mtime, 0, last_representable))) +
                 ": another program holds it, or was ended without removing it";
    return locked(std::move(detail), "if no kubectl, doctl, helm or doks is at work: rm '" + path.string() + "'");
}

}

file_result<lock_file> lock_file::take(
    const std::filesystem::path& of, std::chrono::steady_clock::time_point until, const std::stop_token& stop)
{
    constexpr auto pause = std::chrono::milliseconds(5);
    auto path = of;
    path += ".lock";
    for (;;) {
        descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | safely, private_file));
        if (file) return lock_file(std::move(path), std::move(file));
        if (errno != EEXIST && errno != EINTR)
            return system_error(path.string(), errno, "choose a kubeconfig in a directory that you may write to");
        if (stop.stop_requested()) return cancelled();
        if (std::chrono::steady_clock::now() >= until) return held(path);
        std::this_thread::sleep_for(pause);
    }
}

lock_file::~lock_file()
{
    if (file_ && is_same_file(status_of(file_.get()), status_at(AT_FDCWD, path_.c_str()))) ::unlink(path_.c_str());
}

}
