#include "cli/credential_cache.hpp"

#include "cli/duration.hpp"
#include "kubeconfig/directory_access.hpp"
#include "kubeconfig/stored_file.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

namespace doks::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_segment = 200;

bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
}

/// Different texts give different segments: `127.0.0.1:8443` is `127.0.0.1%3a8443`.
std::string segment_of(const std::string& text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string segment;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain(c))
            segment += c;
        else
            segment.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return segment.size() <= longest_segment ? segment : kube::sha256(text);
}

/// Source: XDG Base Directory Specification: a path that is not absolute is to be ignored.
std::optional<fs::path> user_cache(const environment& variables)
{
    if (const auto chosen = variables("XDG_CACHE_HOME"); chosen && fs::path(*chosen).is_absolute()) return *chosen;
    if (const auto home = variables("HOME")) return fs::path(*home) / ".cache";
    return std::nullopt;
}

}

std::optional<fs::path> cache_of_api(
    const credential_command& what, const std::string& api, const environment& variables)
{
    if (what.cache) return *what.cache / segment_of(api);
    auto cache = user_cache(variables);
    if (!cache) return std::nullopt;
    return *cache / "doks" / "credentials" / segment_of(api);
}

fs::path place_in_cache(const credential_command& what, const global_options& global)
{
    std::string who = "standard";
    if (!global.contexts.none()) who = "context-" + global.contexts.names.front();
    if (global.token_file)
        who = "token-file-" + kube::sha256(fs::absolute(*global.token_file).lexically_normal().native());
    return fs::path(who) / duration_argument(what.expiry);
}

credential_cache::credential_cache(fs::path place)
    : directory_(std::move(place))
{}

std::optional<kubeconfig> credential_cache::find(const std::string& id, std::chrono::nanoseconds at_least) const
{
    return directory_.fresh_for(at_least)(id);
}

asio::awaitable<std::optional<credential_cache::turn>> credential_cache::take_turn(
    std::string id, std::chrono::nanoseconds patience) const
{
    using namespace std::chrono_literals;
    const auto store = kube::directory_access::store(directory_);
    const auto name = "." + id + ".lock";
    const auto until = std::chrono::steady_clock::now() + patience;
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (auto next = 5ms;; next = std::min(2 * next, 40ms)) {
        auto lock = store->directory().lock(0s, name);
        if (lock) co_return std::move(*lock);
        if (!lock.error().busy) co_return turn();
        if (std::chrono::steady_clock::now() >= until) co_return std::nullopt;
        pause.expires_after(next);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<std::optional<failure>> credential_cache::put(kubeconfig config, std::string id, std::string label)
{
    cluster about;
    about.id = std::move(id);
    try {
        co_await directory_.put(std::move(config), std::move(about), std::move(label));
    } catch (const failure& why) {
        co_return why;
    }
    co_return std::nullopt;
}

asio::awaitable<void> credential_cache::erase(std::string id)
{
    try {
        co_await directory_.erase(std::move(id));
    } catch (const failure&) {
        // It may be used until it expires, as before.
    }
}

asio::awaitable<void> forget_everywhere(fs::path cache_of_api, std::string id)
{
    std::vector<fs::path> places;
    std::error_code none;
    for (const auto& who : fs::directory_iterator(cache_of_api, none))
        for (const auto& place : fs::directory_iterator(who.path(), none))
            if (fs::exists(place.path() / kube::file_of(id), none)) places.push_back(place.path());
    for (const auto& place : places) {
        std::optional<credential_cache> cache;
        try {
            cache.emplace(place);
        } catch (const failure&) {
            continue;
        }
        co_await cache->erase(id);
    }
}

}
