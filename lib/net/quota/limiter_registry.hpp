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

/** The limiter of a token at this origin; made if no client of the process has one, and destroyed with its last reference.

    Clients with different windows share it, and it keeps to all of them. Any thread.
*/
std::shared_ptr<shared_limiter> limiter_of(
    const std::string& origin, const secret& token, const std::vector<rate_window>& windows);

}
