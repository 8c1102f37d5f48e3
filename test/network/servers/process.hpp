#pragma once

#include "support/scratch.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace doks::test {

/// A directory of a test; its paths are texts, for command lines and configuration files.
struct temporary_folder : scratch_folder
{
    std::string operator/(std::string_view name) const { return (path() / name).string(); }
};

/** A program in a process group of its own, which never outlives this object, nor this process.

    Shape: what it prints goes to `log`. It is asked to end by SIGTERM, and has five seconds for it.
*/
class process
{
public:
    process(std::vector<std::string> arguments, const std::string& log);
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process();

    void send(int signal) const;
    /// Waits for its end; its exit status, or 128 + the signal's number. Throws if that takes longer.
    int wait(std::chrono::seconds at_most);
    bool ended();

private:
    pid_t id_ = -1;
    int status_ = -1;
};

/// Where the program is, on the path or in the folders of system programs; empty: nowhere.
std::string program(const std::string& name);

/// A port of 127.0.0.1 without a listener.
std::uint16_t free_port();
/// Waits until a server listens there; false if the process ends before, or after ten seconds.
bool wait_for_listener(std::uint16_t port, process& who);

void write_file(const std::string& path, std::string_view text);

}
