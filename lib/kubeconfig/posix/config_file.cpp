#include "kubeconfig/posix/config_file.hpp"

#include "kubeconfig/read/text_precheck.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::kube {

namespace {

file_error error_of(const std::filesystem::path& path, int error)
{
    const bool is_denied = error == EACCES || error == EPERM;
    const bool is_unfit = error == EROFS || error == ELOOP;
    const char* const remedy = is_denied  ? "choose a kubeconfig that is yours"
                               : is_unfit ? "choose another kubeconfig"
                                          : "";
    return system_error(path.string(), error, remedy);
}

file_error not_regular(const std::filesystem::path& path)
{
    return irregular(path.string() + " is no regular file", "name another kubeconfig");
}

std::filesystem::path directory_of(const std::filesystem::path& file)
{
    auto parent = file.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

/// The kernel's rule of `fs.protected_symlinks`, for a link that leads nowhere yet.
bool may_be_followed(const std::filesystem::path& link)
{
    const auto status = status_at(AT_FDCWD, link.c_str());
    const auto directory = status_of(directory_of(link));
    if (!status || !directory) return false;
    const bool is_sticky = (directory->st_mode & S_ISVTX) != 0 && (directory->st_mode & S_IWOTH) != 0;
    return !is_sticky || status->st_uid == ::geteuid() || status->st_uid == directory->st_uid;
}

/// rename() onto a mount point fails with EBUSY, as for a file that Docker mounts.
bool is_mount(const std::filesystem::path& file) noexcept
{
    struct statx about
    {};
    return ::statx(AT_FDCWD, file.c_str(), AT_SYMLINK_NOFOLLOW, 0, &about) == 0 &&
           (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

}

/// The kernel follows the links of what exists.
file_result<config_file> config_file::at(const std::filesystem::path& named)
{
    constexpr int most_links = 40;
    config_file made;
    made.named_ = named;
    made.real_ = named;
    if (named.empty() || !named.has_filename()) return not_usable("'" + named.string() + "' names no file", "name one");
    std::error_code error;
    if (!std::filesystem::is_symlink(named, error)) return made;
    if (const descriptor there(::open(named.c_str(), O_PATH | O_CLOEXEC)); there) {
        made.real_ = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(there.get()), error);
        if (error) made.real_ = std::filesystem::canonical(named, error);
        if (error) return error_of(named, error.value());
        return made;
    }
    if (errno != ENOENT) return error_of(named, errno);
    for (int links = 0; std::filesystem::is_symlink(made.real_, error); ++links) {
        if (links == most_links) return error_of(named, ELOOP);
        if (!may_be_followed(made.real_)) return error_of(made.real_, EACCES);
        const auto leads_to = std::filesystem::read_symlink(made.real_, error);
        if (error) return error_of(made.real_, error.value());
        made.real_ = leads_to.is_absolute() ? leads_to : directory_of(made.real_) / leads_to;
    }
    return made;
}

std::filesystem::path config_file::place_of(const std::filesystem::path& file)
{
    std::error_code nowhere;
    const auto directory = std::filesystem::canonical(directory_of(file), nowhere);
    return nowhere ? file : directory / file.filename();
}

bool config_file::exists() const noexcept { return status_of(real_).has_value(); }

file_stamp config_file::stamp() const noexcept { return stamp_of(status_at(AT_FDCWD, real_.c_str())); }

file_result<std::optional<secret_bytes>> config_file::read() const
{
    const descriptor file(::open(real_.c_str(), O_RDONLY | safely));
    if (!file && errno == ENOENT) return std::optional<secret_bytes>();
    if (!file && errno == ENXIO) return not_regular(real_);
    const auto status = file ? status_of(file.get()) : std::nullopt;
    if (!status) return error_of(real_, errno);
    if (!S_ISREG(status->st_mode)) return not_regular(real_);
    const auto size = static_cast<std::size_t>(status->st_size);
    if (size > largest_kubeconfig_file)
        return irregular(real_.string() + " is larger than 16 MiB", "name another kubeconfig");
    auto bytes = read_all(file.get(), size);
    if (!bytes) return error_of(real_, errno);
    return bytes;
}

file_result<private_directory> config_file::open_directory() const
{
    auto directory = private_directory::open(directory_of(real_), directory_use::shared);
    if (!directory) return directory;
    const auto status = status_at(AT_FDCWD, real_.c_str());
    if (!status && errno == ENOENT) return directory;
    if (!status) return error_of(real_, errno);
    if (!S_ISREG(status->st_mode)) return not_regular(real_);
    const auto folder = status_of(directory_of(real_));
    if (!folder) return error_of(real_, errno);
    const bool mounted = is_mount(real_);
    if (!is_owned_safely(*folder, *status) && !(mounted && ::geteuid() == 0))
        return not_usable(
            real_.string() + " belongs to another user", "run as that user, or choose another kubeconfig");
    if (mounted && ::faccessat(AT_FDCWD, real_.c_str(), W_OK, AT_EACCESS) != 0) return error_of(real_, errno);
    return directory;
}

std::optional<file_error> config_file::overwrite(std::string_view bytes) const
{
    const descriptor file(::open(real_.c_str(), O_WRONLY | safely));
    if (!file) return error_of(real_, errno);
    const auto size = static_cast<off_t>(bytes.size());
    // Where the file system cannot do this, a full disk is found out by the write.
    if (::fallocate(file.get(), 0, 0, size) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
        return error_of(real_, errno);
    if (!write_all(file.get(), bytes) || ::ftruncate(file.get(), size) != 0 || ::fsync(file.get()) != 0)
        return error_of(real_, errno);
    return std::nullopt;
}

std::vector<std::string> config_file::exposure() const
{
    std::vector<std::string> all;
    const auto directory = directory_of(real_);
    const auto has = [](const struct stat& status, mode_t bits) { return (status.st_mode & bits) != 0; };
    const auto folder = status_of(directory);
    if (folder && has(*folder, S_IWGRP | S_IWOTH) && !has(*folder, S_ISVTX))
        all.push_back(directory.string() + " is writable for others, who can replace the kubeconfig");
    const auto status = status_of(real_);
    if (!status) return all;
    const char* const can = has(*status, S_IWGRP | S_IWOTH) ? " is writable for others" : " is readable for others";
    if (has(*status, S_IRWXG | S_IRWXO)) all.push_back(real_.string() + can + " (chmod go-rwx ends that)");
    if (status->st_uid != ::geteuid())
        all.push_back(real_.string() + " belongs to another user (uid " + std::to_string(status->st_uid) + ")");
    return all;
}

}
