#pragma once

#include "async/synchronized.hpp"
#include "core/quota/rate_limiter.hpp"

#include <doks/secret.hpp>

#include <memory>
#include <string>
#include <vector>

namespace doks::net {

/// The rate limiter of one token, shared by every client of the process that uses it at the same origin.
using shared_limiter = async::synchronized<core::rate_limiter>;

/** Finds the limiter of a token, or makes it; it lives as long as somebody holds it.

    Clients with different windows share it, and it keeps to all of them.
*/
std::shared_ptr<shared_limiter> limiter_of(
    const std::string& origin, const secret& token, const std::vector<rate_window>& windows);

}
