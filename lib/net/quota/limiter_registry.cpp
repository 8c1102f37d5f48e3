#include "net/quota/limiter_registry.hpp"

#include <openssl/evp.h>

#include <array>
#include <map>
#include <mutex>
#include <tuple>

namespace doks::net {

namespace {

using digest = std::array<unsigned char, 32>;
/// True for clients without windows: they share a limiter of their own, for those of others must not hold them back.
using key = std::tuple<std::string, digest, bool>;

digest fingerprint(const secret& token)
{
    digest hash{};
    EVP_Digest(token.reveal().data(), token.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
    return hash;
}

}

std::shared_ptr<shared_limiter> limiter_of(
    const std::string& origin, const secret& token, const std::vector<rate_window>& windows)
{
    static std::mutex mutex;
    static std::map<key, std::weak_ptr<shared_limiter>> known;

    const std::lock_guard lock(mutex);
    std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
    auto& entry = known[key(origin, fingerprint(token), windows.empty())];
    auto found = entry.lock();
    if (!found) {
        entry = found = std::make_shared<shared_limiter>(windows);
    } else if (!windows.empty()) {
        found->with([&](auto& limiter) { limiter.restrict_to(windows); });
    }
    return found;
}

}
