#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace doks::sim {

/** The object in a request to a Kubernetes API, from JSON or from Kubernetes' protobuf form.

    kubectl sends the latter since 1.32, and falls back to nothing. Of protobuf only the kinds and fields are known that
    kubectl's create and auth can-i need; nullopt for any other kind and for what cannot be read.
*/
std::optional<boost::json::object> parse_kube_object(std::string_view body, std::string_view content_type);

}
