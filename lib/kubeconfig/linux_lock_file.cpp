#include "kubeconfig/linux_lock_file.hpp"

#include "kubeconfig/linux_staging.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <random>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::kube {

namespace {

/// Of two units at most: `3 h 20 min`.
std::string spelled(std::time_t seconds)
{
    constexpr std::time_t minute = 60;
    constexpr std::time_t hour = 60 * minute;
    constexpr std::time_t day = 24 * hour;
    const auto both = [&](std::time_t big, const char* one, std::time_t small, const char* other) {
        const auto rest = seconds % big / small;
        return std::to_string(seconds / big) + one + (rest == 0 ? "" : ' ' + std::to_string(rest) + other);
    };
    if (seconds >= day) return both(day, " d", hour, " h");
    if (seconds >= hour) return both(hour, " h", minute, " min");
    if (seconds >= minute) return both(minute, " min", 1, " s");
    return std::to_string(seconds) + " s";
}

lock_fault held(const std::filesystem::path& path)
{
    struct stat about
    {};
    std::string detail = path.string() + " is held by another program";
    if (::lstat(path.c_str(), &about) == 0) {
        const auto age = std::max<std::time_t>(0, std::time(nullptr) - about.st_mtime);
        detail = path.string() + " has been there for " + spelled(age) +
                 ": another program holds it, or was ended without removing it";
    }
    return {true, {std::move(detail), "if no kubectl, doctl, helm or doks is at work: rm '" + path.string() + "'"}};
}

std::chrono::milliseconds pause()
{
    constexpr int shortest = 1;
    constexpr int longest = 12;
    thread_local std::minstd_rand dice(static_cast<unsigned>(::getpid()) * 7919u + 1u);
    return std::chrono::milliseconds(std::uniform_int_distribution<int>(shortest, longest)(dice));
}

}

boost::system::result<lock_file, lock_fault> lock_file::take(
    const std::filesystem::path& of, std::chrono::steady_clock::time_point until)
{
    auto path = of;
    path += ".lock";
    for (;;) {
        descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | safely, private_file));
        if (file) return lock_file(std::move(path), std::move(file));
        if (errno != EEXIST && errno != EINTR)
            return lock_fault{false, {path.string() + ": " + std::system_category().message(errno),
                                         "choose a kubeconfig in a directory that you may write to"}};
        if (std::chrono::steady_clock::now() >= until) return held(path);
        std::this_thread::sleep_for(pause());
    }
}

lock_file::lock_file(lock_file&& other) noexcept
    : path_(std::move(other.path_))
    , file_(std::move(other.file_))
{
    other.path_.clear();
}

lock_file::~lock_file()
{
    struct stat ours
    {};
    struct stat there
    {};
    if (path_.empty() || ::fstat(file_.get(), &ours) != 0 || ::lstat(path_.c_str(), &there) != 0) return;
    if (ours.st_ino == there.st_ino && ours.st_dev == there.st_dev) ::unlink(path_.c_str());
}

}
