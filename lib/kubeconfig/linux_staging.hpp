#pragma once

#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

namespace doks::kube {

/// Not blocking: a FIFO or a device in place of a file is opened at once, and refused.
inline constexpr int safely = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

inline constexpr mode_t private_file = 0600;

/// False with errno.
bool write_all(int fd, std::string_view bytes) noexcept;

/// The file is this user's; or for root that of the directory's owner, where nobody else can put another one.
bool is_owned_safely(const struct stat& directory, const struct stat& file) noexcept;

/// A staged file whose writer is gone, in a directory that is open as `directory`.
bool is_leftover(int directory, const std::string& name) noexcept;
/// The same for what was to be published under one name.
bool is_leftover_of(int directory, const std::string& name, std::string_view of) noexcept;

}
