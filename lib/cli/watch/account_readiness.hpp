#pragma once

#include <doks/failure.hpp>
#include <doks/keeper.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/// The API had taken the token when the failure came, so the token is good.
bool took_the_token(const failure& why);

/** Whether the directory of an account is kept fresh, and whether it can be.

    A plain value. It works once the API has responded, every cluster has had an outcome, and a credential of at
    least one of them is in the directory; an account whose clusters are all gone, or that has none, works, too. It is
    hopeless while the API refuses the token, or no cluster has a credential because the API refuses that or the directory
    takes no files: more time alone does not help.
*/
class account_readiness
{
public:
    /// The clusters that are kept from now on.
    void keep(const std::set<std::string>& ids);
    void on_change(const renewal_event& change);
    void api_responded();
    void api_failed(const failure& why) { api_failure_ = why; }

    bool works() const;
    bool is_hopeless() const;
    /// What keeps the account from working; nothing if it works.
    std::optional<failure> obstacle() const;
    /// Its last outcome was that the directory did not take it.
    bool is_unstored(const std::string& id) const;
    /// Clusters whose last outcome was a failure, or that they are gone.
    std::size_t failing() const;
    /** Clusters that are not gone, and of which no valid credential is known to be in the directory at this time.

        A cluster that is still awaited is among them.
    */
    std::vector<std::string> without_file(std::chrono::system_clock::time_point now) const;

private:
    using wall_clock = std::chrono::system_clock;
    struct last_outcome
    {
        renewal_status what = renewal_status::renewed;
        failure why;
        bool is_stored = false;
        std::optional<wall_clock::time_point> valid_until{}; ///< of what is stored; none: it does not expire
    };

    bool any_stored() const;
    bool any_failing() const;

    bool has_responded_ = false;
    std::optional<failure> api_failure_;
    std::map<std::string, std::optional<last_outcome>> clusters_; ///< nothing: it is still awaited
};

}
