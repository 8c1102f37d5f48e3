#pragma once

#include <doks/secret.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace doks::kube {

/// An open file, closed with its owner.
class descriptor
{
public:
    explicit descriptor(int fd = -1) noexcept
        : fd_(fd)
    {}
    descriptor(descriptor&& other) noexcept
        : fd_(std::exchange(other.fd_, -1))
    {}
    descriptor& operator=(descriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor();

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

/// Tells one state of a file from another without reading it.
struct file_stamp
{
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::chrono::nanoseconds changed{0}; ///< an inode's number is given again, and sizes are alike

    friend bool operator==(const file_stamp&, const file_stamp&) = default;
};

/// Not blocking: a FIFO or a device in place of a file is opened at once, and refused.
inline constexpr int safely = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

inline constexpr mode_t private_file = 0600;

/// What the kernel says of a file; nothing with errno.
using file_status = std::optional<struct stat>;
file_status status_of(int fd) noexcept;
/// Of the file that a link leads to.
file_status status_of(const std::filesystem::path& path) noexcept;
/// Of the link itself; a relative path begins at `directory`.
file_status status_at(int directory, const char* path) noexcept;
bool is_same_file(const file_status& one, const file_status& other) noexcept;
file_stamp stamp_of(const file_status& status) noexcept;

/// False with errno.
bool write_all(int fd, std::string_view bytes) noexcept;
/// As many bytes as there are, `size` at most; nothing with errno.
std::optional<secret_bytes> read_all(int fd, std::size_t size);

/// The file is this user's; or for root that of the directory's owner, where no other user can put one.
bool is_owned_safely(const struct stat& directory, const struct stat& file) noexcept;

}
