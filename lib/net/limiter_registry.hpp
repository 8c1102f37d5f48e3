#pragma once

#include "core/rate_limiter.hpp"

#include <doks/secret.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace doks::net {

/** The rate limiter of one token, shared by every client of the process that uses it at the same origin.

    Threads: any; the one place of the library that locks.
*/
class shared_limiter
{
public:
    explicit shared_limiter(std::vector<rate_window> windows)
        : limiter_(std::move(windows))
    {}

    template <class Use> auto with(Use use)
    {
        const std::lock_guard lock(mutex_);
        return use(limiter_);
    }

private:
    std::mutex mutex_;
    core::rate_limiter limiter_;
};

/// Finds the limiter of a token, or makes it; it lives as long as somebody holds it.
std::shared_ptr<shared_limiter> limiter_of(
    const std::string& origin, const secret& token, const std::vector<rate_window>& windows);

}
