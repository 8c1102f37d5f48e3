#include "kubeconfig/posix/file_status.hpp"

#include <cerrno>

#include <unistd.h>

namespace doks::kube {

descriptor::~descriptor()
{
    if (fd_ >= 0) ::close(fd_);
}

file_status status_of(int fd) noexcept
{
    file_status status(std::in_place);
    return ::fstat(fd, &*status) == 0 ? status : std::nullopt;
}

file_status status_of(const std::filesystem::path& path) noexcept
{
    file_status status(std::in_place);
    return ::stat(path.c_str(), &*status) == 0 ? status : std::nullopt;
}

file_status status_at(int directory, const char* path) noexcept
{
    file_status status(std::in_place);
    return ::fstatat(directory, path, &*status, AT_SYMLINK_NOFOLLOW) == 0 ? status : std::nullopt;
}

bool is_same_file(const file_status& one, const file_status& other) noexcept
{
    return one && other && one->st_ino == other->st_ino && one->st_dev == other->st_dev;
}

file_stamp stamp_of(const file_status& status) noexcept
{
    if (!status) return {};
    const auto& changed = status->st_ctim;
    return {status->st_ino, static_cast<std::uint64_t>(status->st_size),
        std::chrono::seconds(changed.tv_sec) + std::chrono::nanoseconds(changed.tv_nsec)};
}

bool is_owned_safely(const struct stat& directory, const struct stat& file) noexcept
{
    const uid_t user = ::geteuid();
    if (file.st_uid == user) return true;
    return user == 0 && directory.st_uid == file.st_uid && (directory.st_mode & (S_IWGRP | S_IWOTH)) == 0;
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

std::optional<secret_bytes> read_all(int fd, std::size_t size)
{
    secret_bytes bytes(size);
    std::size_t filled = 0;
    while (filled < size) {
        const auto got = ::read(fd, bytes.data() + filled, size - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

}
