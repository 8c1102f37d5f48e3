#include "cli/id_list.hpp"

#include "cli/cluster_reference.hpp"
#include "cli/problem.hpp"
#include "cli/text.hpp"

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <system_error>

namespace doks::cli {

namespace {

problem unreadable(const std::string& where, int error)
{
    return usage_problem("--ids " + in_quotes(where), std::generic_category().message(error),
        "name a readable file with one cluster's id or name a line, or - for standard input");
}

}

std::vector<std::string> read_ids(std::istream& input, std::string_view where)
{
    std::vector<std::string> ids;
    std::string line;
    for (std::size_t number = 1; std::getline(input, line); ++number) {
        std::string_view content = line;
        content = trimmed(content.substr(0, content.find('#')));
        if (content.empty()) continue;
        if (auto fault = fault_of_segment(content); !fault.empty())
            throw usage_problem("--ids " + in_quotes(where) + ", line " + std::to_string(number),
                "neither an id nor a name: " + std::string(fault),
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
