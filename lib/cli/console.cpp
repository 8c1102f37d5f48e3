#include "cli/console.hpp"

#include "cli/problem.hpp"
#include "cli/text.hpp"

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

int write_all(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

}

console::console(int file)
    : file_(file)
    , terminal_(::isatty(file) == 1)
{}

void console::line(std::string_view text)
{
    std::string whole;
    if (!status_.empty()) whole += erase_line;
    whole += printable(text);
    whole += '\n';
    write(whole += status_);
}

void console::status(std::string_view text)
{
    if (!terminal_) return;
    status_ = cut(text, width_of(file_));
    write(std::string(erase_line) + status_);
}

void console::clear_status()
{
    if (status_.empty()) return;
    status_.clear();
    write(erase_line);
}

void console::write(std::string_view text) const { write_all(file_, text); }

void print_result(std::string_view bytes)
{
    if (int error = write_all(STDOUT_FILENO, bytes))
        throw problem(exit_status::failed, "standard output", std::generic_category().message(error),
            "the results so far are incomplete; run it again with a place to write them to");
}

}
