#include "sim/api/api_bodies.hpp"

#include "sim/dates.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

struct usual
{
    unsigned status;
    std::string_view id;
    std::string_view message;
};

constexpr std::array<usual, 13> usual_errors{{
    {400, "bad_request", "The request could not be understood."},
    {401, "unauthorized", "Unable to authenticate you."},
    {403, "forbidden", "You are not authorized to perform this operation."},
    {404, "not_found", "The resource you requested could not be found."},
    {405, "method_not_allowed", "The method is not allowed for this resource."},
    {408, "request_timeout", "The request took too long."},
    {409, "conflict", "The resource is in a state that does not allow this."},
    {412, "precondition_failed", "The resource is in a state that does not allow this."},
    {422, "unprocessable_entity", "The request is well-formed but cannot be processed."},
    {429, "too_many_requests", "API Rate limit exceeded."},
    {500, "server_error", "Unexpected server-side error"},
    {503, "service_unavailable", "The service is temporarily unavailable."},
    {504, "gateway_timeout", "The service did not answer in time."},
}};

std::size_t number_or(const http_request& request, std::string_view name, std::size_t fallback)
{
    std::string text = request.parameter(name).value_or("");
    std::size_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool readable = error == std::errc{} && end == text.data() + text.size() && value >= 1;
    return readable ? value : fallback;
}

json::object node_pool(const cluster_record& cluster)
{
    return {{"id", cluster.spec.id.substr(0, 24) + "00000000aaaa"}, {"name", cluster.spec.name + "-pool"},
        {"size", "s-1vcpu-2gb"}, {"count", 3}, {"tags", json::array{}}, {"labels", nullptr}, {"taints", json::array{}},
        {"auto_scale", false}, {"min_nodes", 0}, {"max_nodes", 0}, {"nodes", json::array{}}};
}

json::object status_of(const cluster_record& cluster)
{
    json::object status{{"state", cluster.spec.state}};
    if (cluster.spec.state != "running") status["message"] = "The cluster is " + cluster.spec.state + ".";
    return status;
}

}

json::object cluster_body(const cluster_record& cluster, const token_spec& reader, std::string_view server)
{
    const cluster_spec& spec = cluster.spec;
    json::object body{{"id", spec.id}, {"name", spec.name}, {"region", spec.region}, {"version", spec.version},
        {"cluster_subnet", "10.244.0.0/16"}, {"service_subnet", "10.245.0.0/16"},
        {"vpc_uuid", "c33931f2-a26a-4e61-b85c-4e95a2ec431b"}, {"ipv4", "127.0.0.1"}, {"endpoint", server}};
    if (has_scope(reader, "tag:read")) {
        json::array tags{"k8s", "k8s:" + spec.id};
        for (const std::string& tag : spec.tags) tags.emplace_back(tag);
        body["tags"] = std::move(tags);
    }
    body["node_pools"] = json::array{node_pool(cluster)};
    body["maintenance_policy"] = {{"start_time", "00:00"}, {"duration", "4h0m0s"}, {"day", "any"}};
    body["auto_upgrade"] = false;
    body["status"] = status_of(cluster);
    body["created_at"] = rfc3339_seconds(cluster.created);
    body["updated_at"] = rfc3339_seconds(cluster.updated);
    body["surge_upgrade"] = false;
    body["registry_enabled"] = false;
    body["ha"] = false;
    body["sso"] = spec.sso ? json::value{{"enabled", true}, {"required", false}} : json::value(nullptr);
    return body;
}

http_response error_response(unsigned status, std::string_view request_id, std::string message)
{
    auto found =
        std::find_if(usual_errors.begin(), usual_errors.end(), [&](auto& each) { return each.status == status; });
    bool known = found != usual_errors.end();
    if (message.empty()) message = known ? found->message : "Something went wrong.";
    http_response response;
    response.status = status;
    response.body = json::serialize(json::object{
        {"id", known ? found->id : std::string_view("error")}, {"message", message}, {"request_id", request_id}});
    return response;
}

http_response html_response(unsigned status)
{
    std::string code = std::to_string(status);
    http_response response;
    response.status = status;
    response.content_type = "text/html; charset=UTF-8";
    response.body = "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head><title>api.digitalocean.com | " + code +
                    "</title></head>\n<body>\n<h1>Error " + code +
                    "</h1>\n<p>The web server reported a problem.</p>\n</body>\n</html>\n";
    return response;
}

bool has_scope(const token_spec& token, std::string_view scope)
{
    return token.scopes.empty() || std::find(token.scopes.begin(), token.scopes.end(), scope) != token.scopes.end();
}

page_parameters parse_page(const http_request& request)
{
    constexpr std::size_t largest_number = 1'000'000;
    constexpr std::size_t largest_size = 200;
    page_parameters usual_page;
    return {std::min(number_or(request, "page", usual_page.number), largest_number),
        std::min(number_or(request, "per_page", usual_page.size), largest_size)};
}

json::object page_links(page_parameters page, std::size_t total, std::string_view url)
{
    std::size_t last = std::max<std::size_t>(1, (total + page.size - 1) / page.size);
    auto link_to = [&](std::size_t number) {
        return std::string(url) + "?page=" + std::to_string(number) + "&per_page=" + std::to_string(page.size);
    };
    json::object pages;
    if (page.number > 1) pages["first"] = link_to(1);
    if (page.number > 1) pages["prev"] = link_to(std::min(page.number - 1, last));
    if (page.number < last) pages["next"] = link_to(page.number + 1);
    if (page.number < last) pages["last"] = link_to(last);
    return pages.empty() ? pages : json::object{{"pages", std::move(pages)}};
}

}
