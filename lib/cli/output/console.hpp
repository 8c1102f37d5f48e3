#pragma once

#include "cli/output/output_queue.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace doks::cli {

/** Standard error: whole lines for people, and on a terminal one line below them that the next one replaces.

    Nothing waits for a reader. Where one stops reading, lines are dropped once 16 MiB wait for it; the next
    line that is shown, or `flush`, says how many.
*/
class console
{
public:
    /// Writes to this file descriptor, which it does not own.
    explicit console(int file = 2);
    console(const console&) = delete;
    console& operator=(const console&) = delete;
    ~console() { clear_status(); }

    bool is_terminal() const noexcept { return terminal_; }

    /// Writes a whole line; the status line comes again below it.
    void line(std::string_view text);
    /// Replaces the status line; cut to the terminal's width. Nothing where there is no terminal.
    void status(std::string_view text);
    void clear_status();
    /// Waits until all lines are written, as `output_queue` does.
    void flush(std::optional<std::chrono::milliseconds> patience);

private:
    std::string dropped_note() const;

    int file_;
    bool terminal_;
    output_queue queue_;
    std::size_t dropped_ = 0;
    std::string status_;
};

/** Standard output: results, and nothing else.

    It does not wait for the reader; `finish_results` does. A pipe that its reader has closed takes no more, and
    nothing is said about it.
    Errors: none before `finish_results`.
*/
void print_result(std::string_view bytes);

/** Waits until all results are written, as `output_queue` does; false if their reader has closed the pipe.

    Errors: `cli_error` (failed) where they were not.
*/
bool finish_results(std::optional<std::chrono::milliseconds> patience);

}
