#include "cli/watch/account_readiness.hpp"

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

bool is_refusal(const failure& why) { return why == condition::denied || why == errc::no_token; }

bool is_failure(renewal_status what) { return what == renewal_status::failing || what == renewal_status::not_stored; }

}

bool took_the_token(const failure& why)
{
    const auto status = why.http_status();
    return status >= 400 && status < 500 && status != 401 && status != 408 && status != 429;
}

void account_readiness::keep(const std::set<std::string>& ids)
{
    std::erase_if(clusters_, [&](const auto& each) { return !ids.contains(each.first); });
    for (const auto& id : ids) clusters_.try_emplace(id);
}

void account_readiness::on_change(const renewal_event& change)
{
    const auto found = clusters_.find(change.id);
    if (found == clusters_.end()) return;
    const bool is_unstored = found->second && found->second->what == renewal_status::not_stored;
    // A renewal that is not tried because it cannot be stored puts nothing into the directory.
    if (is_unstored && change.status == renewal_status::failing && change.valid_until) return;
    last_outcome next{change.status, change.error};
    // A renewal that fails does not change what is in the directory.
    if (change.status == renewal_status::failing && found->second) {
        next.is_stored = found->second->is_stored;
        next.valid_until = found->second->valid_until;
    } else if (change.status == renewal_status::renewed ||
               (change.status == renewal_status::failing && change.valid_until)) {
        next.is_stored = true;
        next.valid_until = change.valid_until;
    }
    found->second = std::move(next);
}

void account_readiness::api_responded()
{
    api_failure_.reset();
    has_responded_ = true;
}

bool account_readiness::any_stored() const
{
    return std::any_of(clusters_.begin(), clusters_.end(),
        [](const auto& each) { return each.second && each.second->what == renewal_status::renewed; });
}

bool account_readiness::works() const
{
    if (!has_responded_ || api_failure_) return false;
    for (const auto& [id, outcome] : clusters_)
        if (!outcome) return false;
    return any_stored() || !any_failing();
}

bool account_readiness::is_hopeless() const
{
    if (api_failure_) return is_refusal(*api_failure_);
    if (any_stored()) return false;
    bool any = false;
    for (const auto& [id, outcome] : clusters_) {
        if (!outcome) return false;
        if (outcome->what == renewal_status::gone) continue;
        if (!is_refusal(outcome->why) && outcome->why != errc::unusable_directory) return false;
        any = true;
    }
    return any;
}

std::optional<failure> account_readiness::obstacle() const
{
    if (api_failure_) return api_failure_;
    if (any_stored()) return std::nullopt;
    for (const auto& [id, outcome] : clusters_)
        if (outcome && is_failure(outcome->what)) return outcome->why;
    return std::nullopt;
}

bool account_readiness::any_failing() const
{
    return std::any_of(clusters_.begin(), clusters_.end(),
        [](const auto& each) { return each.second && is_failure(each.second->what); });
}

bool account_readiness::is_unstored(const std::string& id) const
{
    const auto found = clusters_.find(id);
    return found != clusters_.end() && found->second && found->second->what == renewal_status::not_stored;
}

std::size_t account_readiness::failing() const
{
    return static_cast<std::size_t>(std::count_if(clusters_.begin(), clusters_.end(),
        [](const auto& each) { return each.second && each.second->what != renewal_status::renewed; }));
}

std::vector<std::string> account_readiness::without_file(wall_clock::time_point now) const
{
    std::vector<std::string> ids;
    for (const auto& [id, outcome] : clusters_) {
        if (outcome && outcome->what == renewal_status::gone) continue;
        const bool is_there = outcome && outcome->is_stored && (!outcome->valid_until || *outcome->valid_until > now);
        if (!is_there) ids.push_back(id);
    }
    return ids;
}

}
