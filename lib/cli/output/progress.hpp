#pragma once

#include "cli/options/options.hpp"
#include "cli/output/console.hpp"
#include "cli/output/progress_text.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>

namespace doks::cli {

/** Shows the progress of a fetch on standard error.

    On a terminal one line that is redrawn five times a second, elsewhere a line every five seconds (`always`:
    every second). It calls `look` for what to show, on the executor, and adds the elapsed time.
*/
class progress
{
public:
    using look_function = std::function<progress_moment(std::chrono::steady_clock::time_point now)>;

    progress(boost::asio::any_io_executor executor, console& log, progress_mode mode, look_function look);
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
