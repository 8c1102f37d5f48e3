#include "net/limiter_registry.hpp"

#include <openssl/evp.h>

#include <array>
#include <map>
#include <tuple>

namespace doks::net {

namespace {

using digest = std::array<unsigned char, 32>;
using limits = std::vector<std::pair<std::size_t, core::duration::rep>>;
using key = std::tuple<std::string, digest, limits>;

digest fingerprint(const secret& token)
{
    digest hash{};
    EVP_Digest(token.reveal().data(), token.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
    return hash;
}

key key_of(const std::string& origin, const secret& token, const std::vector<rate_window>& windows)
{
    limits bounds;
    for (const auto& window : windows) bounds.emplace_back(window.limit, window.per.count());
    return {origin, fingerprint(token), std::move(bounds)};
}

}

std::shared_ptr<shared_limiter> limiter_of(
    const std::string& origin, const secret& token, const std::vector<rate_window>& windows)
{
    static std::mutex mutex;
    static std::map<key, std::weak_ptr<shared_limiter>> known;

    const std::lock_guard lock(mutex);
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    auto& entry = known[key_of(origin, token, windows)];
    auto found = entry.lock();
    if (!found) entry = found = std::make_shared<shared_limiter>(windows);
    return found;
}

}
