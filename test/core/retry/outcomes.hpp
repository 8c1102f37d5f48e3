#pragma once

#include "core/outcome.hpp"

#include <doks/failure.hpp>

#include <boost/system/error_code.hpp>

#include <cerrno>

// Outcomes of attempts in one line each, as the tests of retries write them.

namespace core_test {

using doks::core::outcome;
using doks::core::phase;

inline boost::system::error_code system_error(int number) { return {number, boost::system::system_category()}; }

/// A whole response with this status.
inline outcome answered(unsigned status)
{
    outcome ended;
    ended.status = status;
    ended.sent = true;
    ended.answered = true;
    if (status < 200 || status > 299) ended.cause = doks::http_error(status);
    return ended;
}

/// The same with Retry-After.
inline outcome answered(unsigned status, std::chrono::seconds retry_after)
{
    outcome ended = answered(status);
    ended.hints.retry_after = retry_after;
    return ended;
}

/// An attempt that failed in this phase, without a whole response.
inline outcome broken(boost::system::error_code cause, phase at)
{
    outcome ended;
    ended.cause = cause;
    ended.at = at;
    ended.sent = at == phase::first_byte || at == phase::body || at == phase::response;
    ended.answered = at == phase::body || at == phase::response;
    return ended;
}

/// The same on a connection that had carried a request before.
inline outcome reused(outcome ended)
{
    ended.reused = true;
    return ended;
}

}
