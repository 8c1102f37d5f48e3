#pragma once

#include <doks/failure.hpp>

namespace doks {

/** Whether the API itself says that there is no such cluster: a 404 or 410 with the API's own error id.

    The 404 of a gateway or a proxy in front of the API says nothing about a cluster, nor does `not_ready`. A single response
    proves nothing either: a token that sees fewer clusters, or a replica that lags, gets the same for a while.
    @par Thread safety
    Any thread.
*/
bool is_absent(const failure& error) noexcept;

}
