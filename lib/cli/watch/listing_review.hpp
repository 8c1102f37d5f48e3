#pragma once

#include "cli/fetch/removal.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace doks::cli {

/** Decides what a watch does about kept clusters that a listing lacks.

    Some are missing: each is asked for by its id, and its file goes once two looks found it absent (`absence_log`).
    Most are missing: they stay kept, and are not counted again before they are listed again; new clusters are kept.
    None is listed, and nothing else that the last listing had: nothing changes at first. If a listing after the gap says the
    same, the new clusters are kept beside the old ones.
*/
class listing_review
{
public:
    using time_point = absence_log::time_point;

    struct decision
    {
        std::vector<std::string> ask; ///< kept clusters that may be gone
        bool takes_new = true;        ///< what is listed and not kept may be kept from now on
        std::string complaint{};      ///< for people; empty if there is none
    };

    /// The gap is the least time between two looks.
    explicit listing_review(std::chrono::steady_clock::duration gap)
        : gap_(gap)
        , absences_(gap)
    {}

    /// The files of an earlier run: the first listing is compared with them, a later one with the listing before it.
    void begin(std::set<std::string> stored) { account_ = std::move(stored); }

    decision listed(const std::set<std::string>& kept, const std::set<std::string>& present, time_point now);
    /// `absent`: the clusters asked for that the API does not know. Returns those whose files may be removed.
    std::set<std::string> confirm_gone(const std::set<std::string>& absent, time_point now);

private:
    bool is_other_account(const std::set<std::string>& present) const;

    std::chrono::steady_clock::duration gap_;
    absence_log absences_;
    /// The clusters of the last trusted listing, and those asked for after it. Other kept clusters are not counted, or another
    /// account's clusters could make this account's look like a small part.
    std::set<std::string> account_;
    std::optional<time_point> other_since_;
};

}
