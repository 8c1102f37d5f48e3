#include "cli/plugin/token_fingerprint.hpp"

#include "cli/output/text.hpp"
#include "cli/process/descriptor.hpp"

#include <doks/failure.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::size_t salt_size = 32;
constexpr std::size_t fingerprint_size = 32;
/// Making a salt takes one write to the disk.
constexpr std::chrono::seconds longest_wait(5);

failure unusable(std::string detail)
{
    return failure(errc::unusable_directory, "the cache's salt", std::move(detail));
}

failure by_errno(const std::string& place) { return unusable(place + ": " + std::system_category().message(errno)); }

std::filesystem::path salt_in(const std::filesystem::path& cache) { return cache / ".salt"; }

/// A salt that only this user can have put there; root may use any user's directory.
std::optional<secret_bytes> usable_salt(const std::filesystem::path& cache)
{
    const auto user = ::geteuid();
    struct stat directory
    {};
    if (::stat(cache.c_str(), &directory) != 0 || (directory.st_mode & (S_IWGRP | S_IWOTH)) != 0) return std::nullopt;
    if (user != 0 && directory.st_uid != user) return std::nullopt;
    const descriptor file(::open(salt_in(cache).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat about
    {};
    if (!file || ::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    if (about.st_uid != user && about.st_uid != directory.st_uid) return std::nullopt;
    secret_bytes bytes(salt_size + 1);
    if (::read(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(salt_size)) return std::nullopt;
    bytes.resize(salt_size);
    return bytes;
}

/// In place of whatever is there, in one step.
void write_salt(const std::filesystem::path& cache, const secret_bytes& salt)
{
    const auto file = salt_in(cache);
    const auto staged = cache / (".salt.new-" + std::to_string(::getpid()));
    ::unlink(staged.c_str()); // of a process that was killed
    const descriptor output(
        ::open(staged.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    if (!output || ::write(output.get(), salt.data(), salt.size()) != static_cast<ssize_t>(salt.size()) ||
        ::fsync(output.get()) != 0)
        throw by_errno(staged.string());
    if (::rename(staged.c_str(), file.c_str()) != 0) throw by_errno(file.string());
}

/// Every process uses the salt that is there once the lock is held, so all of them use one.
boost::asio::awaitable<secret_bytes> make_salt(std::filesystem::path cache)
{
    kubeconfig_directory directory(cache); // which refuses a directory that is not private
    const auto lock = co_await directory.lock("salt", longest_wait);
    if (!lock) throw unusable(salt_in(cache).string() + ": another process has been making it for 5 s");
    if (auto found = usable_salt(cache)) co_return std::move(*found);
    secret_bytes salt(salt_size);
    if (::getentropy(salt.data(), salt.size()) != 0) throw by_errno("random bytes");
    write_salt(cache, salt);
    co_return salt;
}

}

boost::asio::awaitable<std::string> token_fingerprint(std::filesystem::path cache, secret token)
{
    auto found = usable_salt(cache);
    if (!found) found = co_await make_salt(cache);
    const auto value = token.reveal();
    found->insert(found->end(), value.begin(), value.end());
    co_return sha256(std::string_view(found->data(), found->size())).substr(0, fingerprint_size);
}

}
