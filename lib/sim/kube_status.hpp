#pragma once

#include "sim/http.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace doks::sim {

/** A JSON answer of a Kubernetes API. */
reply kube_reply(const boost::json::object& body, unsigned status = 200);

/** A Kubernetes Status that says what failed. */
reply kube_failure(
    unsigned status, std::string_view message, std::string_view resource = {}, std::string_view name = {});

}
