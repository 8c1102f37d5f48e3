#pragma once

#include "cli/clusters/accounts.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace doks::cli {

/// How long the rest takes at the present pace; nothing before the first is done.
std::optional<std::chrono::nanoseconds> time_at_pace(
    std::size_t left, std::size_t done, std::chrono::nanoseconds elapsed);

/// The later of what the quota allows and what the connections can do; nothing before the first response.
std::optional<std::chrono::nanoseconds> estimated_time(std::size_t left, std::chrono::nanoseconds held_back_by_quota,
    std::optional<std::chrono::nanoseconds> mean_response, std::size_t at_once);

/** How long the rest of a fetch takes, over all accounts.

    @par Threads the executor's only thread
*/
class eta
{
public:
    explicit eta(account_set accounts)
        : accounts_(std::move(accounts))
    {}

    /// So many more clusters of this account are to be fetched.
    void add(const client& api, std::size_t count);
    /// One of them is done; a fresh one took no request.
    void on_done(const std::string& label, bool was_fresh);

    std::optional<std::chrono::nanoseconds> remaining(std::chrono::steady_clock::time_point now) const;

private:
    struct share
    {
        client api;
        std::size_t left = 0;
    };

    account_set accounts_;
    std::map<std::string, share, std::less<>> shares_{};
    std::size_t fetched_ = 0;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}
