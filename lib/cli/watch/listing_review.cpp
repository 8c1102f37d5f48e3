#include "cli/watch/listing_review.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace doks::cli {

namespace {

std::set<std::string> common(const std::set<std::string>& some, const std::set<std::string>& others)
{
    std::set<std::string> both;
    std::set_intersection(some.begin(), some.end(), others.begin(), others.end(), std::inserter(both, both.end()));
    return both;
}

}

bool listing_review::is_other_account(const std::set<std::string>& present) const
{
    return std::none_of(present.begin(), present.end(), [this](const auto& id) { return account_.contains(id); });
}

listing_review::decision listing_review::listed(
    const std::set<std::string>& kept, const std::set<std::string>& present, time_point now)
{
    const auto files = common(kept, account_);
    auto judgement = judge(files, present);
    if (judgement.verdict == listing_verdict::none_listed && !is_other_account(present))
        judgement.verdict = listing_verdict::most_missing;
    decision next;
    next.complaint = explain(judgement, files.size());
    const bool is_other = judgement.verdict == listing_verdict::none_listed;
    if (!is_other) other_since_.reset();
    if (is_other && !other_since_) other_since_ = now;
    if (is_other && (present.empty() || now - *other_since_ < gap_)) {
        next.takes_new = false;
        return next;
    }
    account_ = present;
    other_since_.reset();
    if (judgement.verdict == listing_verdict::some_missing) next.ask = std::move(judgement.missing);
    account_.insert(next.ask.begin(), next.ask.end());
    return next;
}

std::set<std::string> listing_review::confirm_gone(const std::set<std::string>& absent, time_point now)
{
    return absences_.confirm(absent, now);
}

}
