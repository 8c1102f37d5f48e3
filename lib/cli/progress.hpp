#pragma once

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "cli/traffic.hpp"

#include <doks/bulk.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace doks::cli {

/** Tells on standard error how a bulk gets on.

    Shape: on a terminal one line that is redrawn five times a second, elsewhere a line every five seconds (`always`:
    every second). It asks `read` for the counts and `gate` for the quota, on the executor.
*/
class progress
{
public:
    progress(boost::asio::any_io_executor executor, console& log, progress_mode mode, std::shared_ptr<traffic> seen,
        std::size_t at_once, std::function<bulk_summary()> read, std::function<rate_limit_state()> gate);
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    ~progress();

    /// Nothing is shown after this but the final counts.
    void finish();

private:
    class state;
    std::shared_ptr<state> state_;
};

}
