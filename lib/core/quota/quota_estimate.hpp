#pragma once

#include "core/quota/rate_limiter.hpp"

namespace doks::core {

/** When the last of `count` further requests could go, if each is answered at once and the others on the token go on as
    they do; never earlier than `now`. It reserves nothing.
*/
instant estimate(const rate_limiter& limiter, instant now, const rate_limiter::terms& on, std::size_t count);

}
