#include "cli/credential_cache.hpp"

#include "cli/duration.hpp"
#include "cli/path_segment.hpp"
#include "cli/stored_files.hpp"
#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/directory/stored_file.hpp"

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

/// A directory that holds nothing any more is kept that long, for a process may be about to put something into it.
constexpr std::chrono::hours empty_places_last(24);

/// Source: XDG Base Directory Specification: a path that is not absolute is to be ignored.
std::optional<fs::path> user_cache(const environment& variables)
{
    if (const auto chosen = variables("XDG_CACHE_HOME"); chosen && fs::path(*chosen).is_absolute()) return *chosen;
    if (const auto home = variables("HOME")) return fs::path(*home) / ".cache";
    return std::nullopt;
}

std::vector<fs::path> folders_in(const fs::path& folder)
{
    std::vector<fs::path> folders;
    std::error_code none;
    for (const auto& each : fs::directory_iterator(folder, none))
        if (each.is_directory(none) && !each.is_symlink(none)) folders.push_back(each.path());
    return folders;
}

/// The directories of credentials of one choice of a token, those of versions before 0.2 among them.
std::vector<fs::path> places_in(const fs::path& choice)
{
    std::vector<fs::path> places;
    for (const auto& each : folders_in(choice)) {
        places.push_back(each);
        for (auto& place : folders_in(each)) places.push_back(std::move(place));
    }
    return places;
}

std::vector<std::string> ids_in(const fs::path& place)
{
    std::vector<std::string> ids;
    std::error_code none;
    for (const auto& each : fs::directory_iterator(place, none))
        if (auto id = kube::id_of(each.path().filename().native()); id && kube::is_safe_segment(*id))
            ids.push_back(std::move(*id));
    return ids;
}

std::optional<credential_cache> opened(const fs::path& place)
{
    try {
        return credential_cache(place);
    } catch (const failure&) {
        return std::nullopt; // what cannot be used is no cache
    }
}

void remove_if_disused(const fs::path& place)
{
    std::error_code none;
    const auto changed = fs::last_write_time(place, none);
    if (none || fs::file_time_type::clock::now() - changed < empty_places_last) return;
    if (!folders_in(place).empty()) return;
    fs::remove_all(place, none);
    fs::remove(place.parent_path(), none); // unless there is more in it
}

std::optional<std::chrono::system_clock::time_point> expiry_of(const kubeconfig& config)
{
    try {
        return config.expires_at();
    } catch (const failure&) {
        return std::nullopt; // it has no credential to read
    }
}

std::string refusal_of(const std::string& id) { return "." + id + ".refused"; }

}

std::optional<fs::path> cache_of_api(
    const credential_command& what, const std::string& api, const environment& variables)
{
    if (what.cache) return *what.cache / path_segment(api);
    auto cache = user_cache(variables);
    if (!cache) return std::nullopt;
    return *cache / "doks" / "credentials" / path_segment(api);
}

fs::path place_in_cache(const credential_command& what, const global_options& global, const std::string& fingerprint)
{
    std::string who = "standard";
    if (!global.contexts.none()) who = "context-" + path_segment(global.contexts.names.front());
    if (global.token_file)
        who = "token-file-" + kube::sha256(fs::absolute(*global.token_file).lexically_normal().native());
    return fs::path(who) / ("token-" + fingerprint) / duration_argument(what.expiry);
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
        if (!kube::is_locked(lock.error())) co_return turn();
        if (std::chrono::steady_clock::now() >= until) co_return std::nullopt;
        pause.expires_after(next);
        co_await pause.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<std::optional<failure>> credential_cache::put(kubeconfig config, std::string id, std::string label)
{
    const std::string refused_id = id;
    cluster about;
    about.id = std::move(id);
    try {
        co_await directory_.put(std::move(config), std::move(about), std::move(label));
    } catch (const failure& why) {
        co_return why;
    }
    kube::directory_access::store(directory_)->directory().remove(refusal_of(refused_id));
    co_return std::nullopt;
}

bool credential_cache::is_refused(const std::string& id) const
{
    const auto mark = kube::directory_access::store(directory_)->directory().stamp(refusal_of(id));
    return mark != kube::file_stamp();
}

void credential_cache::mark_refused(const std::string& id)
{
    // Without the mark the API is only asked once more.
    kube::directory_access::store(directory_)->directory().append_lines(refusal_of(id), "refused\n");
}

asio::awaitable<bool> credential_cache::erase(std::string id)
{
    try {
        co_await directory_.erase(std::move(id));
    } catch (const failure&) {
        co_return false;
    }
    co_return true;
}

asio::awaitable<void> credential_cache::erase_expired(std::string id)
{
    auto held = kube::directory_access::store(directory_)->find(id);
    if (!held) co_return;
    const auto expires = expiry_of(held->config);
    if (expires && *expires > std::chrono::system_clock::now()) co_return;
    stored_file seen{std::move(id), expires, std::move(held->config)};
    try {
        co_await erase_unchanged(directory_, std::move(seen));
    } catch (const failure&) {
        // What has expired is not given, whether it is there or not.
    }
}

asio::awaitable<forgotten_credentials> forget_everywhere(fs::path cache_of_api, std::string id)
{
    forgotten_credentials count;
    for (const auto& choice : folders_in(cache_of_api))
        for (const auto& place : places_in(choice)) {
            auto ids = ids_in(place);
            if (!id.empty()) std::erase_if(ids, [&](const std::string& each) { return each != id; });
            auto cache = ids.empty() ? std::nullopt : opened(place);
            for (const auto& each : ids) {
                bool erased = false;
                if (cache) erased = co_await cache->erase(each);
                ++(erased ? count.erased : count.kept);
            }
        }
    co_return count;
}

asio::awaitable<void> remove_expired(fs::path cache_of_api)
{
    for (const auto& choice : folders_in(cache_of_api))
        for (const auto& place : places_in(choice)) {
            const auto ids = ids_in(place);
            auto cache = ids.empty() ? std::nullopt : opened(place);
            for (const auto& id : ids)
                if (cache) co_await cache->erase_expired(id);
            if (ids.empty()) remove_if_disused(place);
        }
}

}
