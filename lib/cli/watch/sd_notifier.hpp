#pragma once

#include "cli/output/console.hpp"
#include "cli/process/environment.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace doks::cli {

/** Tells a service manager the state of the program; without a service manager it does nothing.

    Each message is a datagram to the socket that NOTIFY_SOCKET names. The first one that cannot be sent is logged.
    @see systemd's sd_notify(3), which invites programs to speak the protocol themselves.
*/
class sd_notifier
{
public:
    sd_notifier(const environment& variables, console& log);

    bool wanted() const noexcept { return !socket_.empty(); }
    /// How often the manager expects a sign of life; nothing if it expects none.
    std::optional<std::chrono::microseconds> watchdog() const noexcept { return watchdog_; }

    void ready(std::string_view status) { send("READY=1\nSTATUS=" + std::string(status)); }
    void status(std::string_view status) { send("STATUS=" + std::string(status)); }
    void reloading();
    void stopping() { send("STOPPING=1\nSTATUS=requests under way may end"); }
    void alive() { send("WATCHDOG=1"); }
    /// It needs this much longer to become ready.
    void extend(std::chrono::microseconds by) { send("EXTEND_TIMEOUT_USEC=" + std::to_string(by.count())); }

private:
    void send(const std::string& text);

    console& log_;
    std::string socket_;
    std::optional<std::chrono::microseconds> watchdog_;
    bool complained_ = false;
};

}
