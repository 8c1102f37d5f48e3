#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace doks::kube {

/** When the first certificate of a PEM text ceases to be valid; nothing if there is none that can be read.

    OpenSSL's error queue is left as it was found.
*/
std::optional<std::chrono::system_clock::time_point> not_after(std::string_view pem);

}
