#include "kubeconfig/posix/private_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::kube {

namespace {

constexpr mode_t private_folder = 0700;

std::string remedy_of(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return "free some space, or choose another directory";
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOENT:
        return "choose a directory that you may write to";
    case EIO:
        return "check the disk and its file system, or choose another directory";
    case EXDEV:
        return "choose a directory that is one file system";
    case ELOOP:
        return "remove the symbolic link";
    case EISDIR:
        return "remove the directory that has the file's name";
    case EFBIG:
        return "raise the limit of file sizes (ulimit -f)";
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (ulimit -n)";
    default:
        return {};
    }
}

file_error error_of(const std::filesystem::path& path, int error)
{
    return system_error(path.string(), error, remedy_of(error));
}

/// Another user who may write to the directory can replace a file between two looks at it.
std::optional<file_error> why_not_private(
    const std::filesystem::path& path, const struct stat& about, directory_use use)
{
    const uid_t user = ::geteuid();
    const bool is_shared = use == directory_use::shared;
    if (user != 0 && about.st_uid != user && !(is_shared && about.st_uid == 0))
        return not_usable(path.string() + " belongs to another user", "choose another directory");
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_shared)
        return not_usable(path.string() + " is writable for others", "run: chmod go-w " + path.string());
    return std::nullopt;
}

/// mkdir() obeys the umask, so the mode is set afterwards.
std::optional<file_error> make_folders(const std::filesystem::path& path)
{
    std::filesystem::path made;
    for (const auto& part : path) {
        made /= part;
        if (::mkdir(made.c_str(), private_folder) == 0) {
            if (::chmod(made.c_str(), private_folder) != 0) return error_of(made, errno);
        } else if (errno != EEXIST && errno != EISDIR) {
            const int error = errno;
            if (!status_of(made)) return error_of(made, error);
        }
    }
    return std::nullopt;
}

}

file_error private_directory::error_at(int error, const std::string& name) const
{
    return error_of(path_ / name, error);
}

file_result<private_directory> private_directory::open(const std::filesystem::path& path, directory_use use)
{
    if (path.empty()) return not_usable("the path of the directory is empty", "name a directory");
    if (auto error = make_folders(path)) return *error;
    descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory && errno == ENOTDIR) return not_usable(path.string() + " is a file", "name a directory");
    const auto status = directory ? status_of(directory.get()) : std::nullopt;
    if (!status) return error_of(path, errno);
    if (auto error = why_not_private(path, *status, use)) return *error;
    std::error_code nowhere;
    auto place = std::filesystem::absolute(path, nowhere);
    if (nowhere) place = path;
    return private_directory(path, std::move(place), std::move(directory));
}

std::optional<file_error> private_directory::moved() const
{
    const auto held = status_of(directory_->get());
    if (!held) return error_of(path_, errno);
    const auto named = status_of(place_);
    if (!named && errno != ENOENT && errno != ENOTDIR) return error_of(path_, errno);
    if (is_same_file(held, named)) return std::nullopt;
    return not_usable(
        path_.string() + " was moved away, removed or replaced while it was in use", "put it back, or open it again");
}

/// The number of the descriptor stays, so that readers on other threads see the one directory or the other.
std::optional<file_error> private_directory::open_again() const
{
    const auto fresh = open(place_);
    if (!fresh) return fresh.error();
    if (::dup3(fresh->directory_->get(), directory_->get(), O_CLOEXEC) < 0) return error_of(path_, errno);
    return std::nullopt;
}

/// A name that leads to another file of the user's: it would be changed.
std::optional<file_error> private_directory::why_not_ours(const struct stat& status, const std::string& name) const
{
    const auto file = (path_ / name).string();
    if (!S_ISREG(status.st_mode)) return irregular(file + " is no regular file", "remove it");
    if (status.st_nlink > 1) return irregular(file + " is a hard link to another file", "remove it");
    return std::nullopt;
}

file_result<descriptor> private_directory::open_lock(const std::string& name) const
{
    descriptor file(::openat(directory_->get(), name.c_str(), O_RDWR | O_CREAT | safely, private_file));
    const auto status = file ? status_of(file.get()) : std::nullopt;
    if (!status) return error_at(errno, name);
    if (auto error = why_not_ours(*status, name)) return *error;
    // Under a umask that takes the owner's rights away only root could open it again.
    if ((status->st_mode & S_IRWXU) != private_file) ::fchmod(file.get(), private_file);
    return file;
}

/// flock() has no timeout, so it is polled: 2 ms are nothing beside a write.
file_result<descriptor> private_directory::lock(
    std::chrono::steady_clock::duration patience, const std::string& name) const
{
    constexpr auto pause = std::chrono::milliseconds(2);
    const auto until = std::chrono::steady_clock::now() + patience;
    const auto is_over = [&] {
        const auto now = std::chrono::steady_clock::now();
        return now >= until || now.time_since_epoch().count() >= ends_waiting_->load();
    };
    for (;;) {
        if (auto error = moved()) return *error;
        auto file = open_lock(name);
        if (!file) return file;
        if (::flock(file->get(), LOCK_EX | LOCK_NB) == 0) {
            // A lock file that was removed meanwhile locks no process out.
            if (is_same_file(status_of(file->get()), status_at(directory_->get(), name.c_str()))) return file;
        } else if (errno != EWOULDBLOCK && errno != EINTR) {
            return error_at(errno, name);
        }
        if (is_over())
            return locked(path_.string() + " is locked by another process", "wait until it is done, or end it");
        std::this_thread::sleep_for(pause);
    }
}

void private_directory::end_waiting(std::chrono::steady_clock::time_point at) const noexcept
{
    ends_waiting_->store(at.time_since_epoch().count());
}

file_result<std::shared_ptr<void>> private_directory::temporary_lock(const std::string& name) const
{
    struct held_lock
    {
        held_lock(std::string of, std::shared_ptr<descriptor> in)
            : name(std::move(of))
            , directory(std::move(in))
        {}
        held_lock(const held_lock&) = delete;
        ~held_lock()
        {
            // While it is locked, and not another holder's in a directory that took the place of this one.
            if (file && is_same_file(status_of(file.get()), status_at(directory->get(), name.c_str())))
                ::unlinkat(directory->get(), name.c_str(), 0);
        }

        std::string name;
        std::shared_ptr<descriptor> directory;
        descriptor file;
    };
    auto held = std::make_shared<held_lock>(name, directory_);
    auto file = lock(std::chrono::seconds(0), name);
    if (!file) return file.error();
    held->file = std::move(*file);
    return std::shared_ptr<void>(std::move(held));
}

file_result<staged_file> private_directory::stage(
    const std::string& name, std::string_view bytes, file_rights rights) const
{
    auto staged = staged_file::write(directory_->get(), name, bytes, rights);
    if (!staged) return error_at(staged.error().value(), name);
    return std::move(*staged);
}

std::optional<file_error> private_directory::publish(staged_file& file) const
{
    if (file.publish()) return std::nullopt;
    return error_at(errno, file.name());
}

std::optional<file_error> private_directory::sync() const
{
    if (::fsync(directory_->get()) != 0) return error_of(path_, errno);
    return std::nullopt;
}

std::optional<file_error> private_directory::append_lines(const std::string& name, std::string_view lines) const
{
    const descriptor file(
        ::openat(directory_->get(), name.c_str(), O_RDWR | O_APPEND | O_CREAT | safely, private_file));
    const auto before = file ? status_of(file.get()) : std::nullopt;
    if (!before) return error_at(errno, name);
    if (auto error = why_not_ours(*before, name)) return *error;
    if ((before->st_mode & 0777) != private_file && ::fchmod(file.get(), private_file) != 0)
        return error_at(errno, name);
    char last = '\n';
    if (before->st_size > 0 && ::pread(file.get(), &last, 1, before->st_size - 1) != 1) return error_at(errno, name);
    const std::string text = (last == '\n' ? "" : "\n") + std::string(lines);
    if (write_all(file.get(), text) && ::fdatasync(file.get()) == 0) return std::nullopt;
    const int error = errno;
    // Where even this fails, the line stays torn, which readers and the next append allow for.
    if (::ftruncate(file.get(), before->st_size) != 0) return error_at(error, name);
    return error_at(error, name);
}

file_result<std::optional<secret_bytes>> private_directory::read(const std::string& name, std::size_t limit) const
{
    const descriptor file(::openat(directory_->get(), name.c_str(), O_RDONLY | safely));
    if (!file && errno == ENOENT) return std::optional<secret_bytes>();
    const auto status = file ? status_of(file.get()) : std::nullopt;
    if (!status) return error_at(errno, name);
    if (!S_ISREG(status->st_mode)) return irregular((path_ / name).string() + " is no regular file", "remove it");
    const auto size = static_cast<std::size_t>(status->st_size);
    if (size > limit) return irregular((path_ / name).string() + " is too large", "remove it");
    auto bytes = read_all(file.get(), size);
    if (!bytes) return error_at(errno, name);
    return bytes;
}

file_stamp private_directory::stamp(const std::string& name) const noexcept
{
    return stamp_of(status_at(directory_->get(), name.c_str()));
}

bool private_directory::is_folder(const std::string& name) const noexcept
{
    const auto status = status_at(directory_->get(), name.c_str());
    return status && S_ISDIR(status->st_mode);
}

std::optional<file_error> private_directory::remove(const std::string& name) const
{
    if (::unlinkat(directory_->get(), name.c_str(), 0) != 0 && errno != ENOENT) return error_at(errno, name);
    return std::nullopt;
}

file_result<std::vector<std::string>> private_directory::names() const
{
    const auto close = [](DIR* entries) { ::closedir(entries); };
    const int again = ::openat(directory_->get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, decltype(close)> entries(again < 0 ? nullptr : ::fdopendir(again), close);
    if (!entries) return error_of(path_, errno);
    std::vector<std::string> found;
    errno = 0;
    while (const dirent* entry = ::readdir(entries.get())) found.emplace_back(entry->d_name);
    if (errno != 0) return error_of(path_, errno);
    std::sort(found.begin(), found.end());
    return found;
}

void private_directory::remove_leftovers(std::string_view of) const
{
    const auto found = names();
    if (!found) return;
    for (const auto& name : *found)
        if (is_leftover(directory_->get(), name, of)) ::unlinkat(directory_->get(), name.c_str(), 0);
}

}
