#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/fetch/eta.hpp"
#include "cli/output/progress_text.hpp"

#include <doks/bulk.hpp>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace doks::cli {

/** Everything that is to be fetched, of all accounts, as one stream.

    Shape: it tells how the quota of each account holds it back, by what this process used of it.
    Threads: one, the executor's.
*/
class fetch_job
{
public:
    explicit fetch_job(accounts from);

    void add(const client& of, bulk part);
    bulk& all() noexcept { return all_; }
    const bulk& all() const noexcept { return all_; }
    const accounts& from() const noexcept { return from_; }

    /// Takes note of an outcome.
    void see(const bulk_item& item, std::chrono::steady_clock::time_point now);

    /// The moment of all accounts together; `summary` holds the counts to show. The time that has passed is not set.
    progress_moment moment(const bulk_summary& summary, std::chrono::steady_clock::time_point now) const;

private:
    struct share
    {
        explicit share(const accounts& from)
            : quota(from.limits)
        {}

        std::size_t left = 0;
        eta quota;
    };

    void add_quota(progress_moment& to) const;
    std::chrono::nanoseconds held_back(std::chrono::steady_clock::time_point now) const;

    accounts from_;
    bulk all_;
    std::map<std::string, share, std::less<>> shares_;
    std::size_t fetched_ = 0;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}
