#include "yaml/edit.hpp"

#include "yaml/edit/block_editor.hpp"
#include "yaml/edit/flow_editor.hpp"
#include "yaml/edit/splices.hpp"

namespace doks::yaml {

namespace {

/// CR alone, and what YAML 1.1 takes for a line end: U+0085, U+2028, U+2029.
bool has_other_line_ends(std::string_view text)
{
    for (auto at = text.find('\r'); at != text.npos; at = text.find('\r', at + 1))
        if (text.substr(at, 2) != "\r\n") return true;
    for (const std::string_view other : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"})
        if (text.find(other) != text.npos) return true;
    return false;
}

/// That of the first line.
std::string_view line_end_of(std::string_view text)
{
    const auto crlf = text.find("\r\n");
    return crlf != text.npos && crlf < text.find('\n') ? "\r\n" : "\n";
}

}

boost::system::result<secret_bytes, parse_error> edited(
    std::string_view text, const document& document, const draft& wanted, limits limits)
{
    const parse_error not_editable{
        "it is written in a form in which doks cannot change it: write out its anchors and "
        "aliases, take out byte order marks within it, or have `kubectl config view --raw` write it anew"};
    if (has_other_line_ends(text))
        return parse_error{"it has line ends that are neither LF nor CR LF: replace them, or escape those in texts"};
    splices changes(text);
    const node& root = document.root();
    const auto line_end = line_end_of(text);
    if (root.flow)
        flow_editor(text, line_end, changes).edit(wanted);
    else
        block_editor(text, line_end, root, changes).edit(wanted);
    secret_bytes result;
    if (!changes.apply(result)) return not_editable;
    const auto again = document::parse({result.data(), result.size()}, limits);
    if (!again || !same_meaning(wanted, again->root())) return not_editable;
    return result;
}

}
