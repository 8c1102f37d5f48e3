#pragma once

#include "cli/options/options.hpp"
#include "cli/process/environment.hpp"

#include <doks/kubeconfig.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace doks::cli {

/** Where credentials of this API are cached, for all accounts; nothing if no variable names a place.

    `<cache>/<address of the API>`. The cache is the one that was chosen, else
    `$XDG_CACHE_HOME/doks/credentials`, else `$HOME/.cache/doks/credentials`.
*/
std::optional<std::filesystem::path> cache_of_api(
    const credential_command& command, const std::string& api, const environment& variables);

/** The directory below it for this choice of an API token, this token and this expiry.

    `<choice>/token-<fingerprint>/<expiry>`. The choice is the context, the token file or neither. The fingerprint
    keeps accounts apart that the same choice leads to at different times: their users may have different rights in one
    cluster.
*/
std::filesystem::path place_in_cache(
    const credential_command& command, const global_options& global, const std::string& fingerprint);

/** One directory of cached credentials, which parallel processes share.

    A `kubeconfig_directory`, and for each cluster a lock that only one process at a time holds while it mints.
    A holder that is killed gives its lock back.
*/
class credential_cache
{
public:
    /// Throws `failure` with `unusable_directory`.
    explicit credential_cache(std::filesystem::path place);

    /// A credential that stays valid for at least this long.
    std::optional<kubeconfig> find(const std::string& id, std::chrono::nanoseconds at_least) const;
    /** The right to mint, as long as a copy of what is returned lives; null: another process had it all the time.

        Where the file system takes no locks every process has it.
    */
    boost::asio::awaitable<std::shared_ptr<void>> take_turn(std::string id, std::chrono::nanoseconds patience);
    /// Why it could not be stored, or nothing. The API took the token, so `is_refused` is false afterwards.
    boost::asio::awaitable<std::optional<failure>> put(kubeconfig config, std::string id, std::string label);
    /// True if there is no such file any more.
    boost::asio::awaitable<bool> erase(std::string id);
    /// Unless another process has renewed it.
    boost::asio::awaitable<void> erase_expired(std::string id);

    /// The API refused the token when this credential was to be renewed, and has not taken it since.
    bool is_refused(const std::string& id) const;
    void mark_refused(const std::string& id);

private:
    std::filesystem::path refusal_of(const std::string& id) const;

    kubeconfig_directory directory_;
};

/** Why credentials below this path may be overlooked: it, or a directory in it, cannot be listed. Nothing if all can be.

    A cache that does not exist holds nothing.
*/
std::optional<std::string> why_not_listed(const std::filesystem::path& cache_of_api);

struct forgotten_credentials
{
    std::size_t erased = 0;
    std::size_t kept = 0; ///< another process has the cache, or it is read-only
};

/** Forgets this cluster's credentials, or every cluster's if `id` is empty: of all accounts and expiries.

    Errors: none; what cannot be erased is counted.
*/
boost::asio::awaitable<forgotten_credentials> forget_everywhere(std::filesystem::path cache_of_api, std::string id);

/** Removes what has expired, as earlier tokens and versions left it. A directory without a credential goes when nothing was
    put there for a day. Errors: none, as above.
*/
boost::asio::awaitable<void> remove_expired(std::filesystem::path cache_of_api);

}
