#include "kubeconfig/linux_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <memory>
#include <system_error>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::kube {

namespace {

constexpr mode_t private_file = 0600;
constexpr mode_t private_folder = 0700;
/// Not blocking: a FIFO or a device in place of a file is opened at once, and refused.
constexpr int safely = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

std::string remedy_of(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "free some space, or choose another directory";
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOENT:
        return "choose a directory that you may write to";
    case ELOOP:
        return "remove the symbolic link";
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files";
    default:
        return {};
    }
}

file_fault fault_at(const std::filesystem::path& path, int error)
{
    return {path.string() + ": " + std::system_category().message(error), remedy_of(error)};
}

bool write_all(int fd, std::string_view bytes) noexcept
{
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// `.<name>.<pid>-<16 hex digits>`
std::string temporary_name(const std::string& name)
{
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof(random), 0) != sizeof(random)) throw std::bad_alloc();
    std::array<char, 64> suffix{};
    std::snprintf(suffix.data(), suffix.size(), ".%ld-%016llx", static_cast<long>(::getpid()),
        static_cast<unsigned long long>(random));
    return '.' + name + suffix.data();
}

/// The process that staged a file, if the name is one of ours.
std::optional<pid_t> stager(std::string_view name) noexcept
{
    constexpr std::size_t digits = 16;
    const auto dot = name.rfind('.');
    const auto dash = name.rfind('-');
    if (!name.starts_with('.') || dot == std::string_view::npos || dot == 0 || dash == std::string_view::npos)
        return {};
    if (dash < dot || name.size() - dash - 1 != digits) return {};
    const auto target = name.substr(1, dot - 1);
    if (!target.ends_with(".yaml") && target != "index.jsonl") return {};
    if (name.find_first_not_of("0123456789abcdef", dash + 1) != std::string_view::npos) return {};
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data() + dot + 1, name.data() + dash, pid);
    if (parsed.ec != std::errc() || parsed.ptr != name.data() + dash || pid <= 0) return {};
    return pid;
}

/// A writer holds a lock on what it stages; the process id tells little, since it may be of another container.
bool is_abandoned(int directory, const char* name, pid_t writer) noexcept
{
    constexpr std::time_t grace = 60;
    const descriptor file(::openat(directory, name, O_RDONLY | safely));
    struct stat about
    {};
    if (!file || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return false;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    const bool gone = ::kill(writer, 0) != 0 && errno == ESRCH;
    return gone || std::time(nullptr) - about.st_mtime > grace;
}

std::optional<file_fault> why_not_private(const std::filesystem::path& path, const struct stat& about)
{
    const uid_t user = ::geteuid();
    if (user != 0 && about.st_uid != user)
        return file_fault{path.string() + " belongs to another user", "choose another directory"};
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return file_fault{path.string() + " is writable for others", "run: chmod go-w " + path.string()};
    return std::nullopt;
}

std::optional<file_fault> make_folders(const std::filesystem::path& path)
{
    std::filesystem::path made;
    for (const auto& part : path) {
        made /= part;
        if (::mkdir(made.c_str(), private_folder) == 0) {
            if (::chmod(made.c_str(), private_folder) != 0) return fault_at(made, errno);
        } else if (errno != EEXIST && errno != EISDIR) {
            struct stat about
            {};
            const int error = errno;
            if (::stat(made.c_str(), &about) != 0) return fault_at(made, error);
        }
    }
    return std::nullopt;
}

}

descriptor::~descriptor()
{
    if (fd_ >= 0) ::close(fd_);
}

staged_file::staged_file(int directory, std::string name, std::string temporary, descriptor file) noexcept
    : directory_(directory)
    , name_(std::move(name))
    , temporary_(std::move(temporary))
    , file_(std::move(file))
{}

staged_file::staged_file(staged_file&& other) noexcept
    : directory_(other.directory_)
    , name_(std::move(other.name_))
    , temporary_(std::exchange(other.temporary_, {}))
    , file_(std::move(other.file_))
{}

staged_file::~staged_file()
{
    if (!temporary_.empty()) ::unlinkat(directory_, temporary_.c_str(), 0);
}

file_fault private_directory::fault(int error, const std::string& name) const { return fault_at(path_ / name, error); }

file_result<private_directory> private_directory::open(const std::filesystem::path& path)
{
    if (path.empty()) return file_fault{"the path of the directory is empty", "name a directory"};
    if (auto fault = make_folders(path)) return *fault;
    descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory && errno == ENOTDIR) return file_fault{path.string() + " is a file", "name a directory"};
    struct stat about
    {};
    if (!directory || ::fstat(directory.get(), &about) != 0) return fault_at(path, errno);
    if (auto fault = why_not_private(path, about)) return *fault;
    return private_directory(path, std::move(directory));
}

file_result<descriptor> private_directory::lock(std::chrono::steady_clock::duration patience) const
{
    constexpr auto pause = std::chrono::milliseconds(2);
    const std::string name = ".lock";
    descriptor file(::openat(directory_.get(), name.c_str(), O_RDWR | O_CREAT | safely, private_file));
    if (!file) return fault(errno, name);
    const auto until = std::chrono::steady_clock::now() + patience;
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return fault(errno, name);
        if (std::chrono::steady_clock::now() >= until)
            return file_fault{path_.string() + " is locked by another process", "wait until it is done, or end it"};
        std::this_thread::sleep_for(pause);
    }
    return file;
}

file_result<staged_file> private_directory::stage(const std::string& name, std::string_view bytes) const
{
    std::string temporary = temporary_name(name);
    constexpr int fresh = O_WRONLY | O_CREAT | O_EXCL | safely;
    descriptor file(::openat(directory_.get(), temporary.c_str(), fresh, private_file));
    if (!file) return fault(errno, name);
    const int fd = file.get();
    staged_file staged(directory_.get(), name, std::move(temporary), std::move(file));
    ::flock(fd, LOCK_EX | LOCK_NB);
    if (::fchmod(fd, private_file) != 0 || !write_all(fd, bytes) || ::fsync(fd) != 0) return fault(errno, name);
    return staged;
}

std::optional<file_fault> private_directory::publish(staged_file& file) const
{
    const int at = directory_.get();
    if (::renameat(at, file.temporary_.c_str(), at, file.name_.c_str()) != 0) return fault(errno, file.name_);
    file.temporary_.clear();
    return std::nullopt;
}

std::optional<file_fault> private_directory::sync() const
{
    if (::fsync(directory_.get()) != 0) return fault_at(path_, errno);
    return std::nullopt;
}

std::optional<file_fault> private_directory::append_lines(const std::string& name, std::string_view lines) const
{
    const descriptor file(::openat(directory_.get(), name.c_str(), O_RDWR | O_APPEND | O_CREAT | safely, private_file));
    struct stat about
    {};
    if (!file || ::fstat(file.get(), &about) != 0) return fault(errno, name);
    if (!S_ISREG(about.st_mode)) return file_fault{(path_ / name).string() + " is no regular file", "remove it"};
    if ((about.st_mode & 0777) != private_file && ::fchmod(file.get(), private_file) != 0) return fault(errno, name);
    char last = '\n';
    if (about.st_size > 0 && ::pread(file.get(), &last, 1, about.st_size - 1) != 1) return fault(errno, name);
    const std::string text = (last == '\n' ? "" : "\n") + std::string(lines);
    if (write_all(file.get(), text) && ::fdatasync(file.get()) == 0) return std::nullopt;
    const int error = errno;
    // Where even this fails, the line stays torn, which readers and the next append allow for.
    if (::ftruncate(file.get(), about.st_size) != 0) return fault(error, name);
    return fault(error, name);
}

file_result<std::optional<secret_bytes>> private_directory::read(const std::string& name, std::size_t limit) const
{
    const descriptor file(::openat(directory_.get(), name.c_str(), O_RDONLY | safely));
    if (!file && errno == ENOENT) return std::optional<secret_bytes>();
    struct stat about
    {};
    if (!file || ::fstat(file.get(), &about) != 0) return fault(errno, name);
    if (!S_ISREG(about.st_mode)) return file_fault{(path_ / name).string() + " is no regular file", "remove it"};
    if (static_cast<std::uint64_t>(about.st_size) > limit)
        return file_fault{(path_ / name).string() + " is too large", {}};
    secret_bytes bytes(static_cast<std::size_t>(about.st_size));
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fault(errno, name);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return std::optional<secret_bytes>(std::move(bytes));
}

file_stamp private_directory::stamp(const std::string& name) const noexcept
{
    struct stat about
    {};
    if (::fstatat(directory_.get(), name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) return {};
    return {about.st_ino, static_cast<std::uint64_t>(about.st_size)};
}

void private_directory::remove_leftovers() const noexcept
{
    const auto close = [](DIR* entries) { ::closedir(entries); };
    const int again = ::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, decltype(close)> entries(again < 0 ? nullptr : ::fdopendir(again), close);
    while (const dirent* entry = entries ? ::readdir(entries.get()) : nullptr) {
        const auto writer = stager(entry->d_name);
        if (writer && is_abandoned(directory_.get(), entry->d_name, *writer))
            ::unlinkat(directory_.get(), entry->d_name, 0);
    }
}

}
