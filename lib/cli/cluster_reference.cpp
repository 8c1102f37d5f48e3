#include "cli/cluster_reference.hpp"

#include "cli/text.hpp"

#include <algorithm>

namespace doks::cli {

namespace {

constexpr std::size_t longest_segment = 128;

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_';
}

}

bool is_uuid(std::string_view text)
{
    if (text.size() != 36) return false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        bool is_hyphen_place = at == 8 || at == 13 || at == 18 || at == 23;
        if (is_hyphen_place ? text[at] != '-' : !is_hexadecimal(text[at])) return false;
    }
    return true;
}

std::string_view fault_of_segment(std::string_view text)
{
    if (text.empty()) return "it is empty";
    if (text == "." || text == "..") return "it is a dot segment";
    if (text.front() == '.') return "it begins with a dot";
    if (text.find('/') != std::string_view::npos) return "it holds a slash";
    if (text.find_first_of(" \t\r\n") != std::string_view::npos) return "it holds white space";
    if (!std::all_of(text.begin(), text.end(), is_plain))
        return "it holds something else than letters, digits, '-', '_' and '.'";
    if (text.size() > longest_segment) return "it is longer than 128 characters";
    return {};
}

void require_reference(std::string_view text)
{
    auto fault = fault_of_segment(text);
    if (fault.empty()) return;
    throw usage_problem("cluster " + in_quotes(text), "neither an id nor a name: " + std::string(fault),
        "give the id (a UUID) or the name that 'doks clusters' shows");
}

problem named_wrongly(std::string_view name, const failure& why)
{
    const bool several = why == errc::ambiguous_name;
    return {exit_status::failed, "cluster " + in_quotes(name), why.detail(),
        several ? "give the id of one of them" : "'doks clusters' lists them"};
}

}
