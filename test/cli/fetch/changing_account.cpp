#include "cli/fetch/changing_account.hpp"

#include <algorithm>

// Clusters that come, go and move between pages at random, and the responses that tell of them.

namespace cli_test {

using doks::test::http_answer;
using doks::test::scripted_answer;

namespace {

const std::string collection = "/v2/kubernetes/clusters";

std::string object_of(const std::string& id)
{
    return R"({"id":")" + id + R"(","name":"x","region":"nyc1","status":{"state":"running"}})";
}

scripted_answer not_found() { return {http_answer(404, R"({"id":"not_found","message":"no such cluster"})")}; }

}

changing_account::changing_account(std::uint64_t seed)
    : random_(seed)
{
    for (auto count = 1 + any(9); count > 0; --count) own_.push_back(new_id());
    for (auto count = any(20); count > 0; --count) others_.push_back(new_id());
}

std::string changing_account::new_id()
{
    auto number = std::to_string(++last_id_);
    return "00000000-0000-4000-8000-" + std::string(12 - number.size(), '0') + number;
}

void changing_account::change(clusters& team)
{
    const auto place = static_cast<std::ptrdiff_t>(any(team.size() + 1));
    switch (any(4)) {
    case 0:
        team.insert(team.begin() + place, new_id());
        break;
    case 1:
        if (!team.empty()) team.erase(team.begin() + static_cast<std::ptrdiff_t>(any(team.size())));
        break;
    case 2: // The total stays, and so does the number of ids.
        if (team.empty()) break;
        team.erase(team.begin() + static_cast<std::ptrdiff_t>(any(team.size())));
        team.push_back(new_id());
        break;
    default:
        if (!team.empty()) std::swap(team[any(team.size())], team[any(team.size())]);
    }
}

void changing_account::begin_listing()
{
    ++listings;
    lagging_.clear();
    if (chance(100)) other_token_ = !other_token_;
    states_totals_ = !chance(150);
    is_empty_ = chance(50);
    repeats_ = chance(50);
    page_size_ = 1 + any(6);
}

std::string changing_account::page(std::size_t number)
{
    const auto& team = other_token_ ? others_ : own_;
    const auto all = is_empty_ ? clusters() : team;
    std::string listed;
    const auto begin = std::min((number - 1) * page_size_, all.size()), end = std::min(begin + page_size_, all.size());
    for (auto at = begin; at < end; ++at) listed += (listed.empty() ? "" : ",") + object_of(all[at]);
    if (repeats_ && !listed.empty()) listed += "," + object_of(all[begin]);
    std::string body = R"({"kubernetes_clusters":[)" + listed + "]";
    if (end < all.size())
        body += R"(,"links":{"pages":{"next":"https://api.test/v2?page=)" + std::to_string(number + 1) + R"("}})";
    if (states_totals_) body += R"(,"meta":{"total":)" + std::to_string(all.size()) + "}";
    return body + "}";
}

scripted_answer changing_account::answer(const doks::test::seen_request& request)
{
    if (chance(changes)) change(own_);
    if (chance(changes)) change(others_);
    const auto target = request.target();
    if (target.starts_with(collection + "?")) {
        const auto number = std::stoul(target.substr(target.rfind("page=") + 5));
        if (number == 1) begin_listing();
        return {http_answer(200, page(number))};
    }
    const auto id = target.substr(collection.size() + 1);
    const auto& team = other_token_ ? others_ : own_;
    const bool exists = std::find(team.begin(), team.end(), id) != team.end();
    if (chance(50)) lagging_.insert(id);
    if (chance(30)) return {http_answer(404, "<html>no such page</html>")};
    if (chance(30)) return {http_answer(403, R"({"id":"forbidden","message":"no"})")};
    if (!exists || lagging_.contains(id)) return not_found();
    return {http_answer(200, R"({"kubernetes_cluster":)" + object_of(id) + "}")};
}

}
