#pragma once

#include "sim/timeline.hpp"

#include <string>

namespace doks::sim {

/** RFC 3339 in UTC with nine fractional digits, as the API writes the expiry of credentials. */
std::string rfc3339(instant at);

/** RFC 3339 in UTC, whole seconds, as Kubernetes and the API's cluster objects write times. */
std::string rfc3339_seconds(instant at);

/** IMF-fixdate, as HTTP's Date header. */
std::string http_date(instant at);

}
