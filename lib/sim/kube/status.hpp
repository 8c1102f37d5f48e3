#pragma once

#include "sim/http/http.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace doks::sim {

/** A JSON response of a Kubernetes API. */
http_response kube_response(const boost::json::object& body, unsigned status = 200);

/** A Kubernetes Status that says what failed. */
http_response kube_failure(
    unsigned status, std::string_view message, std::string_view resource = {}, std::string_view name = {});

}
