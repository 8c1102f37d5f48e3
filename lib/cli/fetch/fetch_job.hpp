#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/fetch/eta.hpp"
#include "cli/output/progress_text.hpp"

#include <doks/bulk.hpp>

#include <chrono>

namespace doks::cli {

/** Everything that is to be fetched, of all accounts, as one stream.

    @par Threads the executor's only thread
*/
class fetch_job
{
public:
    explicit fetch_job(account_set accounts);

    void add(const client& api, bulk part);
    bulk& all() noexcept { return all_; }
    const bulk& all() const noexcept { return all_; }
    const account_set& accounts() const noexcept { return accounts_; }

    /// Takes note of an outcome.
    void on_outcome(const bulk_item& item) { eta_.on_done(item.label, item.fresh); }

    /// The moment of all accounts together; `summary` holds the counts to show. The elapsed time is not set.
    progress_moment moment(const bulk_summary& summary, std::chrono::steady_clock::time_point now) const;

private:
    account_set accounts_;
    bulk all_;
    eta eta_;
};

}
