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

/** Calls `first` at the first SIGINT, SIGTERM or, where it `stops`, SIGHUP; the second SIGINT or SIGTERM ends the process
    at once, whatever its threads are doing. Without such an object the first one does.

    One at a time in a process.
*/
class stop_signals
{
public:
    /// Before the program starts a thread: one of its own takes SIGINT and SIGTERM from now on. Where no thread can
    /// be started, the first signal ends the process at once.
    static void take_over();

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
