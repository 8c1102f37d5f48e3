#include "kubeconfig/posix/staged_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <new>
#include <regex>
#include <vector>

#include <signal.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace doks::kube {

namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

/// A name that no other writer chooses: `.<name>.<pid>-<16 hex digits>`.
std::string temporary_name(const std::string& name)
{
    std::uint64_t random = 0;
    if (::getrandom(&random, sizeof(random), 0) != sizeof(random)) throw std::bad_alloc();
    std::array<char, 64> suffix{};
    std::snprintf(suffix.data(), suffix.size(), ".%ld-%016llx", static_cast<long>(::getpid()),
        static_cast<unsigned long long>(random));
    return '.' + name + suffix.data();
}

/// The process that staged a file to be published under the name `of`, or under one of a directory's if that is empty.
std::optional<pid_t> stager(const std::string& name, std::string_view of)
{
    static const std::regex form(R"(\.([^/]+)\.([1-9][0-9]{0,8})-[0-9a-f]{16})");
    std::smatch parts;
    if (!name.starts_with('.') || !std::regex_match(name, parts, form)) return std::nullopt;
    const std::string target = parts[1];
    if (of.empty() ? !target.ends_with(".yaml") && target != "index.jsonl" : target != of) return std::nullopt;
    return std::stoi(parts[2]);
}

/// A writer holds a lock on what it stages; the process id tells little, since it may be of another container.
bool is_abandoned(int directory, const char* name, pid_t writer) noexcept
{
    constexpr std::time_t grace = 60;
    const descriptor file(::openat(directory, name, O_RDONLY | safely));
    const auto status = status_of(file.get());
    if (!status || !S_ISREG(status->st_mode)) return false;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    const bool gone = ::kill(writer, 0) != 0 && errno == ESRCH;
    return gone || std::time(nullptr) - status->st_mtime > grace;
}

/// The list of the one that is replaced, or none: a directory may give a new file one of its own.
bool take_access_list(int fd, int from) noexcept
{
    constexpr const char* name = "system.posix_acl_access";
    std::vector<char> list(std::size_t(64) * 1024);
    const auto size = ::fgetxattr(from, name, list.data(), list.size());
    if (size <= 0) return ::fremovexattr(fd, name) == 0 || errno == ENODATA || errno == ENOTSUP;
    return ::fsetxattr(fd, name, list.data(), static_cast<std::size_t>(size), 0) == 0;
}

/// What cannot be taken is left out: the file is as private as it was, or more.
void take_rights(int directory, int fd, const std::string& name)
{
    const descriptor from(::openat(directory, name.c_str(), O_RDONLY | safely));
    const auto status = status_of(from.get());
    const auto folder = status_of(directory);
    if (!status || !folder || !is_owned_safely(*folder, *status)) return;
    const bool has_group = ::fchown(fd, status->st_uid, status->st_gid) == 0;
    const bool has_list = take_access_list(fd, from.get());
    const mode_t of_owner = 0700;
    [[maybe_unused]] const int kept = ::fchmod(fd, status->st_mode & (has_group && has_list ? 0777 : of_owner));
}

}

bool is_leftover(int directory, const std::string& name, std::string_view of)
{
    const auto writer = stager(name, of);
    return writer && is_abandoned(directory, name.c_str(), *writer);
}

staged_file::staged_file(int directory, std::string name, std::string temporary, descriptor file) noexcept
    : directory_(directory)
    , name_(std::move(name))
    , temporary_(std::move(temporary))
    , file_(std::move(file))
{}

staged_file::~staged_file()
{
    if (file_) ::unlinkat(directory_, temporary_.c_str(), 0);
}

boost::system::result<staged_file> staged_file::write(
    int directory, const std::string& name, std::string_view bytes, file_rights rights)
{
    std::string target = name; // what can throw comes before there is a file
    std::string temporary = temporary_name(name);
    constexpr int fresh = O_WRONLY | O_CREAT | O_EXCL | safely;
    descriptor file(::openat(directory, temporary.c_str(), fresh, private_file));
    if (!file) return last_error();
    const int fd = file.get();
    staged_file staged(directory, std::move(target), std::move(temporary), std::move(file));
    ::flock(fd, LOCK_EX | LOCK_NB);
    const bool must_be_private = rights == file_rights::private_only;
    if (::fchmod(fd, private_file) != 0 && must_be_private) return last_error();
    if (!must_be_private) take_rights(directory, fd, name);
    if (!write_all(fd, bytes) || ::fsync(fd) != 0) return last_error();
    return staged;
}

bool staged_file::publish() noexcept
{
    if (::renameat(directory_, temporary_.c_str(), directory_, name_.c_str()) != 0) return false;
    file_ = descriptor();
    return true;
}

}
