#include "cli/commands/commands.hpp"
#include "cli/process/open_files.hpp"
#include "cli/process/stop_signals.hpp"
#include "cli/tokens/token_lookup.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace doks::cli {

namespace {

namespace asio = boost::asio;

exit_status run_to_end(asio::io_context& io, asio::awaitable<exit_status> command)
{
    std::exception_ptr error;
    exit_status status = exit_status::failed;
    asio::co_spawn(io, std::move(command), [&](std::exception_ptr thrown, exit_status ended) {
        error = thrown;
        status = ended;
        io.stop();
    });
    io.run();
    // What the trace has still to show: events are on their way when a call has its outcome.
    io.restart();
    io.poll();
    if (error) std::rethrow_exception(error);
    return status;
}

exit_status run_program(std::string called_as, std::vector<std::string> arguments, console& log)
{
    auto line = parse_command_line(std::move(arguments));
    if (auto* help = std::get_if<help_command>(&line.command)) {
        print_result(help->text);
        return exit_status::done;
    }
    asio::io_context io(1);
    command_context context{io.get_executor(), log, process_environment(), std::cin, std::move(called_as)};
    if (line.global.timeout)
        context.pipe.patience = std::min<std::chrono::nanoseconds>(context.pipe.patience, *line.global.timeout);
    line.global.contexts = contexts_in_use(line.global, context.variables);
    return std::visit(
        [&]<class Command>(Command& command) {
            if constexpr (std::is_same_v<Command, help_command>)
                return exit_status::done;
            else
                return run_to_end(io, run(std::move(command), line.global, context));
        },
        line.command);
}

/** What is opened later must not become a standard stream where one was closed.

    Writing to what is opened in its place fails, so that nothing is lost without a word.
*/
void reserve_standard_streams()
{
    for (int opened = ::open("/dev/null", O_RDONLY); opened >= 0; opened = ::open("/dev/null", O_RDONLY))
        if (opened > STDERR_FILENO) {
            ::close(opened);
            return;
        }
}

/// Who ended the program with a signal does not wait for a reader that has stopped.
std::optional<std::chrono::milliseconds> patience_with_readers()
{
    if (stop_signals::any_received()) return std::chrono::seconds(1);
    return std::nullopt;
}

exit_status explain(console& log, std::exception_ptr error)
{
    try {
        std::rethrow_exception(error);
    } catch (const cli_error& why) {
        log.line(std::string("doks: ") + why.what());
        return why.status();
    } catch (const failure& why) {
        log.line("doks: " + why.message());
        return status_of(why);
    } catch (const std::bad_alloc&) {
        log.line("doks: out of memory: try it with fewer clusters at a time, or with more memory");
        return exit_status::failed;
    } catch (const std::exception& why) {
        log.line(std::string("doks: ") + why.what());
        return exit_status::failed;
    }
}

/// Without memory for the console: once more, and no more than that.
void explain_lack_of_memory() noexcept
{
    constexpr std::string_view text = "doks: out of memory\n";
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

exit_status run_to_exit(int count, char** values)
{
    console log;
    exit_status status = exit_status::failed;
    try {
        stop_signals::take_over();
        status = run_program(values[0], std::vector<std::string>(values + 1, values + count), log);
    } catch (...) {
        status = explain(log, std::current_exception());
    }
    try {
        if (!finish_results(patience_with_readers())) status = exit_status::failed;
    } catch (...) {
        status = explain(log, std::current_exception());
    }
    log.clear_status();
    log.flush(patience_with_readers());
    return status;
}

}

}

int main(int count, char** values)
{
    using namespace doks::cli;
    std::signal(SIGPIPE, SIG_IGN); // a reader that goes away is an error of one write, not the end of a bulk
    std::signal(SIGXFSZ, SIG_IGN); // so is a file that has reached the limit of this process
    reserve_standard_streams();
    raise_limit_of_open_files();
    try {
        return static_cast<int>(run_to_exit(count, values));
    } catch (const std::bad_alloc&) {
        explain_lack_of_memory();
        return static_cast<int>(exit_status::failed);
    }
}
