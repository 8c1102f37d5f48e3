#include "cli/plugin/credential_cache.hpp"

#include "cli/clusters/cluster_reference.hpp"
#include "cli/clusters/path_segment.hpp"
#include "cli/options/duration.hpp"
#include "cli/output/text.hpp"

#include <memory>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::cli {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

/// A directory that holds nothing any more is kept this long, for a process may be about to put something into it.
constexpr std::chrono::hours empty_places_last(24);

/// Source: XDG Base Directory Specification: a path that is not absolute is to be ignored.
std::optional<fs::path> user_cache(const environment& variables)
{
    if (const auto chosen = variables("XDG_CACHE_HOME"); chosen && fs::path(*chosen).is_absolute()) return *chosen;
    if (const auto home = variables("HOME")) return fs::path(*home) / ".cache";
    return std::nullopt;
}

/// What is in a directory. The standard library's iterator ends the process where memory runs out (libstdc++ 12).
std::vector<fs::path> paths_in(const fs::path& folder)
{
    const auto close = [](DIR* open) { ::closedir(open); };
    const std::unique_ptr<DIR, decltype(close)> all(::opendir(folder.c_str()), close);
    std::vector<fs::path> found;
    for (const dirent* each = all ? ::readdir(all.get()) : nullptr; each; each = ::readdir(all.get()))
        if (const std::string_view name = each->d_name; name != "." && name != "..") found.push_back(folder / name);
    return found;
}

std::vector<fs::path> folders_in(const fs::path& folder)
{
    auto folders = paths_in(folder);
    std::error_code none;
    std::erase_if(folders, [&](const fs::path& each) { return !fs::is_directory(fs::symlink_status(each, none)); });
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
    for (const auto& each : paths_in(place))
        if (each.extension() == ".yaml" && fault_of_segment(each.stem().native()).empty()) ids.push_back(each.stem());
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

}

std::optional<fs::path> cache_of_api(
    const credential_command& command, const std::string& api, const environment& variables)
{
    if (command.cache) return *command.cache / path_segment(api);
    auto cache = user_cache(variables);
    if (!cache) return std::nullopt;
    return *cache / "doks" / "credentials" / path_segment(api);
}

fs::path place_in_cache(const credential_command& command, const global_options& global, const std::string& fingerprint)
{
    std::string who = "standard";
    if (!global.contexts.none()) who = "context-" + path_segment(global.contexts.names.front());
    if (global.token_file) who = "token-file-" + sha256(fs::absolute(*global.token_file).lexically_normal().native());
    return fs::path(who) / ("token-" + fingerprint) / duration_argument(command.expiry);
}

credential_cache::credential_cache(fs::path place)
    : directory_(std::move(place))
{}

std::optional<kubeconfig> credential_cache::find(const std::string& id, std::chrono::nanoseconds at_least) const
{
    return directory_.fresh_for(at_least)(id);
}

asio::awaitable<std::shared_ptr<void>> credential_cache::take_turn(std::string id, std::chrono::nanoseconds patience)
{
    auto lock = co_await directory_.try_lock(std::move(id), patience);
    co_return lock ? std::move(*lock) : std::make_shared<int>();
}

fs::path credential_cache::refusal_of(const std::string& id) const
{
    return directory_.path() / ("." + id + ".refused");
}

asio::awaitable<std::optional<failure>> credential_cache::put(kubeconfig config, std::string id, std::string label)
{
    const auto refusal = refusal_of(id);
    cluster about;
    about.id = std::move(id);
    const auto stored = co_await directory_.try_put(std::move(config), std::move(about), std::move(label));
    if (!stored) co_return stored.error();
    std::error_code none;
    fs::remove(refusal, none);
    co_return std::nullopt;
}

bool credential_cache::is_refused(const std::string& id) const
{
    std::error_code none;
    return fs::exists(fs::symlink_status(refusal_of(id), none));
}

void credential_cache::mark_refused(const std::string& id)
{
    // What stands there already is a mark, too. Without one the API is only asked once more.
    const int mark =
        ::open(refusal_of(id).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (mark >= 0) ::close(mark);
}

asio::awaitable<bool> credential_cache::erase(std::string id)
{
    const auto erased = co_await directory_.try_erase(std::move(id));
    co_return erased.has_value();
}

asio::awaitable<void> credential_cache::erase_expired(std::string id)
{
    // What has expired is not given, whether it is there or not.
    static_cast<void>(co_await directory_.try_erase_expired(std::move(id)));
}

std::optional<std::string> why_not_listed(const fs::path& cache_of_api)
{
    std::error_code error;
    auto each = fs::recursive_directory_iterator(cache_of_api, error);
    for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    }
    if (!error || error == std::errc::no_such_file_or_directory) return std::nullopt;
    return cache_of_api.string() + ": " + error.message();
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
