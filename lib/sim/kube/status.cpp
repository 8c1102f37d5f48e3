#include "sim/kube/status.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

std::string_view reason_of(unsigned status)
{
    switch (status) {
    case 400:
        return "BadRequest";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "NotFound";
    case 405:
        return "MethodNotAllowed";
    default:
        return "InternalError";
    }
}

}

http_response kube_response(const json::object& body, unsigned status)
{
    http_response response;
    response.status = status;
    response.body = json::serialize(body) + "\n";
    return response;
}

http_response kube_failure(unsigned status, std::string_view message, std::string_view resource, std::string_view name)
{
    json::object details;
    if (!resource.empty()) details["kind"] = resource;
    if (!name.empty()) details["name"] = name;
    json::object body{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", json::object{}}, {"status", "Failure"},
        {"message", message}, {"reason", reason_of(status)}, {"details", std::move(details)}, {"code", status}};
    return kube_response(body, status);
}

}
