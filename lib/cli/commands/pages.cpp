#include "cli/commands/commands.hpp"
#include "cli/output/console.hpp"
#include "cli/output/text.hpp"
#include "cli/pages/completion.hpp"
#include "cli/pages/man_page.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

void write_page(const std::filesystem::path& file, const std::string& page)
{
    errno = 0;
    std::ofstream output(file, std::ios::binary);
    output << page;
    output.close();
    if (output) return;
    throw cli_error(exit_status::failed, "man page " + in_quotes(file.native()), std::generic_category().message(errno),
        "name a directory that can be written to");
}

void write_pages(const std::filesystem::path& into, const command_syntax& top)
{
    std::error_code seen_when_writing;
    std::filesystem::create_directories(into, seen_when_writing);
    for (const auto* each : flattened(top)) write_page(into / man_page_file(*each), man_page(*each, top));
}

const command_syntax& page_of(const std::vector<std::string>& words, const command_syntax& top)
{
    for (const auto* each : flattened(top))
        if (each->words == words) return *each;
    throw usage_error("doks man " + joined(words), "there is no such command", "'doks --help' lists them");
}

}

asio::awaitable<exit_status> run(completion_command command, const global_options&, command_context&)
{
    print_result(completion_script(command.of, syntax_of_command_line()));
    co_return exit_status::done;
}

asio::awaitable<exit_status> run(man_command command, const global_options&, command_context&)
{
    const auto top = syntax_of_command_line();
    if (command.out)
        write_pages(*command.out, top);
    else
        print_result(man_page(page_of(command.words, top), top));
    co_return exit_status::done;
}

}
