#include "api/clusters/cluster_pages.hpp"

#include <utility>

namespace doks::api {

/// The round ends without agreement if a total differs from an earlier page's, or the next page is out of order or this one
/// brought no new id.
cluster_pages::verdict cluster_pages::add(cluster_page got)
{
    if (total_ && got.total && *total_ != *got.total)
        return disagree("page " + std::to_string(page_) + " counts " + std::to_string(*got.total) +
                        " clusters, a page before it " + std::to_string(*total_));
    if (got.total) total_ = got.total;
    if (!got.total) every_page_states_it_ = false;
    const auto before = ids_.size();
    for (auto& each : got.clusters)
        if (ids_.insert(each.id).second) found_.push_back(std::move(each));
    if (!got.next) return end_round();
    if (auto why = why_not_followed(got, ids_.size() - before); !why.empty()) return disagree(std::move(why));
    page_ = *got.next;
    return verdict::next_page;
}

/// An API that ignores `page` would otherwise be asked for the same clusters without end.
std::string cluster_pages::why_not_followed(const cluster_page& got, std::size_t added) const
{
    auto names = "page " + std::to_string(page_) + " names page " + std::to_string(*got.next) + " as the next one";
    if (*got.next != page_ + 1) return names;
    if (*got.next > max_pages) return names + ", more than a list can have";
    if (added == 0) return names + ", and holds no cluster that the pages before it do not hold";
    return {};
}

/// The last page was added: do the ids add up to the total, or does the next round confirm them?
cluster_pages::verdict cluster_pages::end_round()
{
    if (total_ && *total_ != ids_.size())
        return disagree(
            "its pages hold " + std::to_string(ids_.size()) + " clusters, the API counts " + std::to_string(*total_));
    const bool cannot_change = page_ == 1;
    if (every_page_states_it_ || cannot_change || confirms_last_round()) return verdict::complete;
    auto ids = ids_;
    const auto next = disagree("not every page states a total, and no two listings in a row hold the same clusters");
    unconfirmed_ = std::move(ids);
    return next;
}

bool cluster_pages::confirms_last_round() { return !unconfirmed_.empty() && unconfirmed_ == ids_; }

void cluster_pages::restart()
{
    page_ = 1;
    found_.clear();
    ids_.clear();
    unconfirmed_.clear();
    total_.reset();
    every_page_states_it_ = true;
}

/// Ends a round that is not complete; begins the next one unless it was the last.
cluster_pages::verdict cluster_pages::disagree(std::string why)
{
    disagreement_ = std::move(why);
    if (round_ == max_rounds) return verdict::give_up;
    ++round_;
    restart();
    return verdict::again;
}

}
