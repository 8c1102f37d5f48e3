#include "cli/clusters/cluster_reference.hpp"

#include "cli/output/text.hpp"

#include <doks/cluster_index.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::size_t longest_segment = 128;

/// With what the listing tells of it, if there is one and the cluster is in it.
cluster cluster_of_id(const std::string& id, const cluster_index& listed)
{
    if (const cluster* found = listed.find_by_id(id)) return *found;
    cluster known;
    known.id = canonical_cluster_id(id);
    return known;
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
    throw usage_error("cluster " + in_quotes(text), "neither an id nor a name: " + std::string(fault),
        "give the id (a UUID) or the name that 'doks clusters' shows");
}

boost::asio::awaitable<resolved_references> look_up(std::vector<std::string> references, client api)
{
    std::vector<cluster> listed;
    if (!std::all_of(references.begin(), references.end(), is_cluster_id)) listed = co_await api.clusters();
    const cluster_index index(listed);
    resolved_references all;
    std::set<std::string> seen;
    for (const std::string& each : references) {
        auto found = is_cluster_id(each) ? result<cluster>(cluster_of_id(each, index)) : index.find_by_name(each);
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
    if (!found.unknown.empty()) throw named_wrongly(found.unknown.front().second);
    co_return std::move(found.clusters);
}

cli_error named_wrongly(const failure& why)
{
    return {exit_status::failed, why.record().operation, why.detail(),
        why == errc::ambiguous_name ? "give the id of one of them" : "'doks clusters' lists them"};
}

}
