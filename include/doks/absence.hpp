#pragma once

#include <doks/failure.hpp>

namespace doks {

/** The API itself says that there is no such cluster: a 404 or 410 that bears the API's own error id.

    Shape: the 404 of a gateway or a proxy before the API says nothing about a cluster, nor does `not_ready`. One response
    proves nothing either: a token that sees less, or a replica that lags, gives the same for a while.
*/
bool is_absent(const failure& why) noexcept;

}
