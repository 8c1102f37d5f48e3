#include "cli/fetch/removal.hpp"

#include <doks/absence.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

asio::awaitable<std::optional<failure>> try_cluster(client of, std::string id)
{
    try {
        co_await of.cluster(std::move(id));
        co_return std::nullopt;
    } catch (const failure& why) {
        co_return why;
    }
}

}

std::set<std::string> ids_of(const directory_contents& contents)
{
    std::set<std::string> ids;
    for (const stored_entry& each : contents.entries) ids.insert(each.id);
    return ids;
}

listing_judgement judge(const std::set<std::string>& files, const std::set<std::string>& listed, removal_limit limit)
{
    listing_judgement judgement;
    auto& missing = judgement.missing;
    std::set_difference(files.begin(), files.end(), listed.begin(), listed.end(), std::back_inserter(missing));
    const bool is_limited = limit == removal_limit::half;
    if (missing.empty())
        judgement.verdict = listing_verdict::all_listed;
    else if (is_limited && missing.size() == files.size())
        judgement.verdict = listing_verdict::none_listed;
    else if (is_limited && missing.size() > files.size() - missing.size())
        judgement.verdict = listing_verdict::most_missing;
    else
        judgement.verdict = listing_verdict::some_missing;
    return judgement;
}

std::string explain(const listing_judgement& judgement, std::size_t files)
{
    const auto of_all = " of the " + std::to_string(files) + " clusters whose files are there";
    switch (judgement.verdict) {
    case listing_verdict::most_missing:
        return "the listing lacks " + std::to_string(judgement.missing.size()) + of_all +
               ", more than half: nothing is removed";
    case listing_verdict::none_listed:
        return "the listing has none" + of_all + " (an incident, or another account's token?): nothing is removed";
    case listing_verdict::all_listed:
    case listing_verdict::some_missing:
        break;
    }
    return {};
}

std::set<std::string> absence_log::confirm(const std::set<std::string>& absent, time_point now)
{
    std::erase_if(since_, [&](const auto& entry) { return !absent.contains(entry.first); });
    std::set<std::string> confirmed;
    for (const std::string& id : absent)
        if (now - since_.emplace(id, now).first->second >= gap_) confirmed.insert(id);
    return confirmed;
}

asio::awaitable<absence_result> find_absent(
    client of, std::vector<std::string> ids, std::function<void(const std::string&)> log)
{
    absence_result result;
    for (const std::string& id : ids) {
        auto why = co_await try_cluster(of, id);
        if (!why) {
            log(id + ": the listing lacks it, but the API knows it: its file stays");
        } else if (is_absent(*why)) {
            result.absent.emplace(id, *why);
        } else {
            result.is_complete = false;
            log(id + ": its file stays, for the API does not say that it is gone: " + why->message());
        }
    }
    co_return result;
}

}
