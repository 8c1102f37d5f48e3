#pragma once

#include <string>
#include <string_view>

namespace doks::cli {

/** Standard error: whole lines for people, and on a terminal one line below them that the next one replaces. */
class console
{
public:
    /// Writes to this file descriptor, which it does not own.
    explicit console(int file = 2);
    console(const console&) = delete;
    console& operator=(const console&) = delete;
    ~console() { clear_status(); }

    bool is_terminal() const noexcept { return terminal_; }

    /// A line by itself; the status line comes again below it.
    void line(std::string_view text);
    /// Replaces the status line; cut to the terminal's width. Nothing where there is no terminal.
    void status(std::string_view text);
    void clear_status();

private:
    void write(std::string_view text) const;

    int file_;
    bool terminal_;
    std::string status_;
};

/** Standard output: results, and nothing else.

    Errors: `problem` (failed) where it cannot be written, a closed pipe included.
*/
void print_result(std::string_view bytes);

}
