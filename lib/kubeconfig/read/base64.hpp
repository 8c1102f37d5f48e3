#pragma once

#include <doks/secret.hpp>

#include <optional>
#include <string_view>

namespace doks::kube {

/** Standard base64 with its padding, decoded; nothing if it is anything else.

    Line ends are skipped, as Kubernetes' own decoder does; unused bits that are not zero are refused.
*/
std::optional<secret_bytes> decode_base64(std::string_view text);

/// The same the other way, on one line.
secret_bytes encode_base64(std::string_view bytes);

}
