#include "cli/cluster_reference.hpp"

#include "api/clusters/cluster_choice.hpp"
#include "cli/text.hpp"
#include "core/redactor.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::size_t longest_segment = 128;

/// With what the listing tells of it, if there is one and the cluster is in it.
cluster cluster_of_id(const std::string& id, const std::map<std::string_view, const cluster*>& listed)
{
    cluster known;
    known.id = kube::canonical_id(id);
    const auto found = listed.find(known.id);
    return found == listed.end() ? known : *found->second;
}

bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_';
}

}

std::string_view fault_of_segment(std::string_view text)
{
    if (text.empty()) return "it is empty";
    if (text == "." || text == "..") return "it is a dot segment";
    if (text.front() == '.') return "it begins with a dot";
    if (text.find('/') != std::string_view::npos) return "it holds a slash";
    if (text.find_first_of(" \t\r\n") != std::string_view::npos) return "it holds white space";
    if (!std::all_of(text.begin(), text.end(), is_plain))
        return "it holds something else than letters, digits, '-', '_' and '.'";
    if (text.size() > longest_segment) return "it is longer than 128 characters";
    return {};
}

void require_reference(std::string_view text)
{
    auto fault = fault_of_segment(text);
    if (fault.empty()) return;
    throw usage_problem("cluster " + in_quotes(text), "neither an id nor a name: " + std::string(fault),
        "give the id (a UUID) or the name that 'doks clusters' shows");
}

boost::asio::awaitable<resolved_references> look_up(std::vector<std::string> references, client api)
{
    std::vector<cluster> listed;
    if (!std::all_of(references.begin(), references.end(), is_uuid)) listed = co_await api.clusters();
    const api::clusters_by_name names(listed);
    std::map<std::string_view, const cluster*> by_id;
    for (const cluster& each : listed) by_id.emplace(each.id, &each);
    resolved_references all;
    std::set<std::string> seen;
    for (const std::string& each : references) {
        auto found = is_uuid(each) ? result<cluster>(cluster_of_id(each, by_id)) : names.the_one(each);
        if (!seen.insert(found ? found->id : each).second) continue;
        if (found)
            all.clusters.push_back(std::move(*found));
        else
            all.unknown.emplace_back(each, found.error());
    }
    co_return all;
}

boost::asio::awaitable<std::vector<cluster>> named_clusters(std::vector<std::string> references, client api)
{
    auto found = co_await look_up(std::move(references), std::move(api));
    if (!found.unknown.empty()) throw named_wrongly(found.unknown.front().first, found.unknown.front().second);
    co_return std::move(found.clusters);
}

problem named_wrongly(std::string_view name, const failure& why)
{
    const bool several = why == errc::ambiguous_name;
    const bool is_secret = core::redactor().recognises(name); // the token, given in the wrong place
    return {exit_status::failed, "cluster " + in_quotes(is_secret ? core::redactor::redacted_text : name), why.detail(),
        several ? "give the id of one of them" : "'doks clusters' lists them"};
}

}
