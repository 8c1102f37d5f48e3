#include "cli/output/console.hpp"

#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace doks::cli {

namespace {

constexpr std::string_view erase_line = "\r\x1b[K";

std::size_t width_of(int file)
{
    winsize size{};
    if (::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::string cut(std::string_view text, std::size_t width)
{
    std::string shown = printable(text);
    while (!shown.empty() && columns(shown) >= width) shown.pop_back();
    return shown;
}

constexpr std::size_t room_for_lines = std::size_t(16) << 20;
constexpr std::size_t room_for_results = std::size_t(64) << 20;

/// Those of this process.
struct results
{
    output_queue queue{STDOUT_FILENO};
    std::size_t dropped = 0;

    static results& of_process()
    {
        static results made;
        return made;
    }
};

cli_error not_written(std::string_view why)
{
    return {exit_status::failed, "standard output", why,
        "the results so far are incomplete; run it again with a place to write them to"};
}

}

console::console(int file)
    : file_(file)
    , terminal_(::isatty(file) == 1)
    , queue_(file)
{}

void console::line(std::string_view text)
{
    std::string whole;
    if (!status_.empty()) whole += erase_line;
    whole += dropped_note() + printable(text) + '\n' + status_;
    dropped_ = queue_.put(whole, room_for_lines) ? 0 : dropped_ + 1;
}

std::string console::dropped_note() const
{
    return dropped_ == 0 ? ""
                         : "doks: lines that were left out, for nothing read them: " + std::to_string(dropped_) + '\n';
}

void console::status(std::string_view text)
{
    if (!terminal_ || !queue_.is_empty()) return;
    status_ = cut(text, width_of(file_));
    queue_.put(std::string(erase_line) + status_, room_for_lines);
}

void console::clear_status()
{
    if (status_.empty()) return;
    status_.clear();
    queue_.put(erase_line, room_for_lines);
}

void console::flush(std::optional<std::chrono::milliseconds> patience)
{
    queue_.flush(patience);
    if (dropped_ != 0 && queue_.put(dropped_note(), room_for_lines)) queue_.flush(patience);
}

void print_result(std::string_view bytes)
{
    auto& all = results::of_process();
    if (!all.queue.put(bytes, room_for_results)) ++all.dropped;
}

bool finish_results(std::optional<std::chrono::milliseconds> patience)
{
    auto& all = results::of_process();
    const bool is_done = all.queue.flush(patience);
    const int error = all.queue.error();
    if (error != 0 && error != EPIPE) throw not_written(std::generic_category().message(error));
    if (!is_done) throw not_written("nothing reads it, or not fast enough");
    if (all.dropped != 0)
        throw not_written("nothing read it for long: " + std::to_string(all.dropped) + " were left out");
    return error == 0;
}

}
