#include "cli/token_fingerprint.hpp"

#include "kubeconfig/directory/stored_file.hpp"
#include "kubeconfig/posix/private_directory.hpp"

#include <doks/failure.hpp>

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
constexpr auto salt_file = ".salt";
constexpr auto salt_lock = ".salt.lock";
/// Making a salt takes one write to the disk.
constexpr std::chrono::seconds longest_wait(5);

failure unusable(kube::file_error error)
{
    failure_record record;
    record.code = errc::unusable_directory;
    record.operation = "the cache's salt";
    record.detail = std::move(error.detail);
    record.remedy = std::move(error.remedy);
    return failure(std::move(record));
}

std::optional<secret_bytes> usable_salt(const kube::private_directory& cache)
{
    auto found = cache.read(salt_file, salt_size);
    if (!found || !*found || (*found)->size() != salt_size) return std::nullopt;
    return std::move(**found);
}

secret_bytes random_salt()
{
    secret_bytes salt(salt_size);
    if (::getentropy(salt.data(), salt.size()) != 0)
        throw unusable(kube::not_usable("no random bytes: " + std::system_category().message(errno), {}));
    return salt;
}

/// Every process uses the salt that is there once the lock is held, so all of them use one.
secret_bytes make_salt(const kube::private_directory& cache)
{
    const auto lock = cache.lock(longest_wait, salt_lock);
    if (!lock) throw unusable(lock.error());
    if (auto found = usable_salt(cache)) return std::move(*found);
    auto salt = random_salt();
    auto staged = cache.stage(salt_file, std::string_view(salt.data(), salt.size()));
    if (!staged) throw unusable(staged.error());
    if (auto fault = cache.publish(*staged)) throw unusable(std::move(*fault));
    return salt;
}

}

std::string token_fingerprint(const std::filesystem::path& cache, const secret& token)
{
    const auto directory = kube::private_directory::open(cache);
    if (!directory) throw unusable(directory.error());
    auto found = usable_salt(*directory);
    auto salted = found ? std::move(*found) : make_salt(*directory);
    const auto value = token.reveal();
    salted.insert(salted.end(), value.begin(), value.end());
    return kube::sha256(std::string_view(salted.data(), salted.size())).substr(0, fingerprint_size);
}

}
