#include "cli/clusters/id_list.hpp"

#include "cli/clusters/cluster_reference.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <system_error>

namespace doks::cli {

namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::size_t most_lines = 1'000'000;

/// As std::getline, but no further than a line can be long.
bool read_line(std::istream& input, std::string& line)
{
    line.clear();
    for (char c = 0; line.size() <= longest_line && input.get(c);) {
        if (c == '\n') return true;
        line.push_back(c);
    }
    return !line.empty();
}

cli_error unreadable(const std::string& where, int error)
{
    return usage_error("--ids " + in_quotes(where), std::generic_category().message(error),
        "name a readable file with one cluster's id or name a line, or - for standard input");
}

}

std::vector<std::string> read_ids(std::istream& input, std::string_view where)
{
    std::vector<std::string> ids;
    std::string line;
    const auto place = [&](std::size_t number) {
        return "--ids " + in_quotes(where) + ", line " + std::to_string(number);
    };
    for (std::size_t number = 1; read_line(input, line); ++number) {
        if (line.size() > longest_line || number > most_lines)
            throw usage_error(place(number), line.size() > longest_line ? "it is too long" : "there are too many lines",
                "write one id or name a line, as 'doks clusters' shows them");
        std::string_view content = line;
        content = trimmed(content.substr(0, content.find('#')));
        if (content.empty()) continue;
        if (auto fault = fault_of_segment(content); !fault.empty())
            throw usage_error(place(number), "neither an id nor a name: " + std::string(fault),
                "write one id or name a line, as 'doks clusters' shows them; # begins a comment");
        ids.emplace_back(content);
    }
    return ids;
}

std::vector<std::string> read_ids_of(const std::string& file, std::istream& standard_input)
{
    if (file == "-") return read_ids(standard_input, "standard input");
    errno = 0;
    std::ifstream input(file);
    if (!input) throw unreadable(file, errno);
    auto ids = read_ids(input, file);
    if (input.bad()) throw unreadable(file, errno ? errno : EIO);
    return ids;
}

}
