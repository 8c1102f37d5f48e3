#pragma once

#include "support/scratch.hpp"
#include "support/text.hpp"

#include <chrono>
#include <map>
#include <string>
#include <sys/resource.h>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace cli_test {

/// What a process left behind.
struct finished
{
    int status = -1; ///< exit status; 128 + number where a signal ended it
    std::string out;
    std::string err;
    std::chrono::nanoseconds took{0};
};

/// Where a process writes its errors to.
enum class error_stream
{
    file,
    terminal,
    stuck ///< a full pipe that is not read
};

/// Where a process writes its results to.
enum class output_stream
{
    file,
    closed,
    full,     ///< a disk without room
    stuck,    ///< a full pipe that is not read
    abandoned ///< a pipe whose reader is gone
};

/// False on a machine without pseudo-terminals, such as a bare chroot.
bool has_terminals();

/// How a process is started; it inherits nothing of this process's environment.
struct launch
{
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    std::string input;
    error_stream errors = error_stream::file;
    output_stream results = output_stream::file;
    std::map<int, rlim_t> limits{}; ///< by resource: RLIMIT_FSIZE
    std::string program{};          ///< empty: `doks`
};

/** A program in a process of its own; it never outlives this object. */
class child
{
public:
    explicit child(const launch& how);
    child(const child&) = delete;
    child& operator=(const child&) = delete;
    ~child();

    pid_t id() const noexcept { return id_; }
    void send(int signal) const;
    std::string arguments() const;

    std::string out() const;
    std::string err() const;

    /// Waits until the stream holds the text; throws if that takes longer than 30 s or the process ends.
    void wait_for_out(const std::string& text);
    void wait_for_err(const std::string& text);

    /// Waits for its end; throws if that takes longer.
    finished wait(std::chrono::seconds at_most = std::chrono::seconds(60));

private:
    void start(const launch& how);
    void follow_terminal(int master);
    int unread_pipe(bool has_reader);
    bool ended(std::chrono::milliseconds within);
    void wait_for(const std::string& stream, const std::string& text);

    doks::test::scratch_folder place_;
    std::chrono::steady_clock::time_point begin_;
    std::thread terminal_;
    std::vector<int> readers_;
    pid_t id_ = -1;
    int handle_ = -1;
    int status_ = -1;
};

/// Runs the program to its end.
finished run(const launch& how);

using doks::test::content;
using doks::test::count_of;

}
