#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace doks::cli {

enum class hang_up
{
    is_no_stop,
    stops
};

/** Calls `first` at the first SIGINT, SIGTERM or, where it `stops`, SIGHUP; the second one ends the process at once, as without this object.

    Shape: one at a time in a process; its destruction restores what was before.
*/
class stop_signals
{
public:
    stop_signals(
        boost::asio::any_io_executor executor, std::function<void()> first, hang_up at_hang_up = hang_up::is_no_stop);
    stop_signals(const stop_signals&) = delete;
    stop_signals& operator=(const stop_signals&) = delete;
    ~stop_signals();

    bool received() const noexcept;
    /// One was received by any object of this process.
    static bool any_received() noexcept;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}
