#include "kubeconfig/linux_config_file.hpp"

#include "kubeconfig/linux_staging.hpp"
#include "kubeconfig/screen.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::kube {

namespace {

file_fault fault_of(const std::filesystem::path& path, int error)
{
    const bool denied = error == EACCES || error == EPERM;
    return {path.string() + ": " + std::system_category().message(error),
        denied ? "choose a kubeconfig that is yours" : ""};
}

file_fault irregular(const std::filesystem::path& path)
{
    return {path.string() + " is no regular file", "name another kubeconfig", true};
}

std::filesystem::path directory_of(const std::filesystem::path& file)
{
    auto parent = file.parent_path();
    return parent.empty() ? std::filesystem::path(".") : parent;
}

/// Fills what is there; fewer bytes if it became shorter meanwhile.
bool read_all(int fd, secret_bytes& bytes)
{
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return false;
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return true;
}

}

file_result<config_file> config_file::at(const std::filesystem::path& named)
{
    constexpr int most_links = 40;
    config_file made;
    made.named_ = named;
    made.real_ = named;
    if (named.empty() || !named.has_filename()) return file_fault{"'" + named.string() + "' names no file", "name one"};
    std::error_code error;
    for (int links = 0; std::filesystem::is_symlink(made.real_, error); ++links) {
        if (links == most_links) return fault_of(named, ELOOP);
        const auto leads_to = std::filesystem::read_symlink(made.real_, error);
        if (error) return fault_of(made.real_, error.value());
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

bool config_file::exists() const noexcept
{
    struct stat about
    {};
    return ::stat(real_.c_str(), &about) == 0;
}

file_stamp config_file::stamp() const noexcept
{
    struct stat about
    {};
    if (::lstat(real_.c_str(), &about) != 0) return {};
    const auto changed = std::chrono::seconds(about.st_ctim.tv_sec) + std::chrono::nanoseconds(about.st_ctim.tv_nsec);
    return {about.st_ino, static_cast<std::uint64_t>(about.st_size), changed};
}

file_result<std::optional<secret_bytes>> config_file::read() const
{
    const descriptor file(::open(real_.c_str(), O_RDONLY | safely));
    if (!file && errno == ENOENT) return std::optional<secret_bytes>();
    struct stat about
    {};
    if (!file && errno == ENXIO) return irregular(real_);
    if (!file || ::fstat(file.get(), &about) != 0) return fault_of(real_, errno);
    if (!S_ISREG(about.st_mode)) return irregular(real_);
    if (static_cast<std::uint64_t>(about.st_size) > largest_kubeconfig_file)
        return file_fault{real_.string() + " is larger than 16 MiB", "name another kubeconfig", true};
    secret_bytes bytes(static_cast<std::size_t>(about.st_size));
    if (!read_all(file.get(), bytes)) return fault_of(real_, errno);
    return std::optional<secret_bytes>(std::move(bytes));
}

file_result<private_directory> config_file::open_directory() const
{
    auto directory = private_directory::open(directory_of(real_), directory_use::shared);
    if (!directory) return directory;
    struct stat about
    {};
    if (::lstat(real_.c_str(), &about) != 0) {
        if (errno == ENOENT) return directory;
        return fault_of(real_, errno);
    }
    if (!S_ISREG(about.st_mode)) return irregular(real_);
    if (about.st_uid != ::geteuid())
        return file_fault{
            real_.string() + " belongs to another user", "run as that user, or choose another kubeconfig"};
    return directory;
}

}
