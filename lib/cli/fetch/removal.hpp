#pragma once

#include <doks/client.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

// When `fetch --prune` and `watch` remove the file of a cluster.

/// How much of a directory may be removed at once.
enum class removal_limit
{
    half,
    all ///< the user said so
};

/// What a complete listing says about the clusters whose files are in a directory.
enum class listing_verdict
{
    all_listed,
    some_missing, ///< at most half of them: each may be asked for by its id
    most_missing, ///< more than half: nothing is removed
    none_listed   ///< every one is missing: the listing is empty, or another account's
};

/// The ids of the files that doks put there.
std::set<std::string> ids_of(const directory_contents& contents);

/// The verdict, and the ids that are not listed.
struct listing_judgement
{
    listing_verdict verdict = listing_verdict::all_listed;
    std::vector<std::string> missing;
};

/// With `removal_limit::all` whatever is missing is `some_missing`.
listing_judgement judge(
    const std::set<std::string>& files, const std::set<std::string>& listed, removal_limit limit = removal_limit::half);

/// For people: what is missing from the listing of DIR, and that nothing is removed. Empty if files may be removed.
std::string explain(const listing_judgement& judgement, std::size_t files);

/** Which files may be removed: those of clusters that two looks, some time apart, found absent.

    A look is a complete listing without the cluster and the API's 404 for its id. One look proves nothing: another team's
    token, an incident or a replica that lags says the same for a while.
*/
class absence_log
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit absence_log(std::chrono::steady_clock::duration gap)
        : gap_(gap)
    {}

    /** Notes a look that found these ids absent, and no others.

        @return those of them that a look at least the gap earlier, and every one since, found absent too
    */
    std::set<std::string> confirm(const std::set<std::string>& absent, time_point now);
    bool empty() const noexcept { return since_.empty(); }

private:
    std::chrono::steady_clock::duration gap_;
    std::map<std::string, time_point> since_;
};

struct absence_result
{
    std::map<std::string, failure> absent; ///< the clusters that the API does not know, with its 404
    bool is_complete = true;               ///< no request failed otherwise
};

/** Asks the API for each cluster by its id.

    Only a 404 of the API's own makes a cluster absent; a gateway's says nothing about a cluster. Every other response
    is passed to `log`. It sends one request after the other: the quota would not allow many more.
*/
boost::asio::awaitable<absence_result> find_absent(
    client of, std::vector<std::string> ids, std::function<void(const std::string&)> log);

}
