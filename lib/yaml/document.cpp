#include "yaml/document.hpp"

#include "yaml/parse/builder.hpp"

#include <yaml.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace doks::yaml {

namespace {

/** Why libyaml would take far too long over it, or nothing.

    Within brackets it reads ahead, and looks through the open ones for each token: 0.1 s for 5,000 of them, 1.6 s for 20,000.
    It compares each directive with all before it. Marks in texts and comments count too, so the bounds are far above what is allowed.
*/
std::optional<std::string> why_costly(std::string_view text, std::size_t most_values)
{
    constexpr std::size_t marks_of_a_value = 3;
    constexpr std::size_t most_open = 1024;
    constexpr std::size_t most_directives = 16;
    std::size_t marks = 0;
    std::size_t open = 0;
    std::size_t deepest = 0;
    std::size_t directives = 0;
    char before = '\0';
    for (const char c : text) {
        if (c == '[' || c == '{') deepest = std::max(deepest, ++open);
        if (c == '[' || c == '{' || c == ',') ++marks;
        if ((c == ']' || c == '}') && open > 0) --open;
        if (c == '%' && (before == '\n' || before == '\r')) ++directives;
        before = c;
    }
    if (marks > marks_of_a_value * most_values) return more_than(most_values);
    if (directives > most_directives) return "it has more than 16 directives (lines that begin with `%`)";
    return deepest > most_open ? std::optional<std::string>(too_deep) : std::nullopt;
}

/// Where the text is wrong; libyaml's own words quote it.
std::string syntax_error(const yaml_parser_t& parser)
{
    if (parser.error == YAML_READER_ERROR)
        return std::string_view(parser.problem).starts_with("control") ? "it holds control characters" : "not UTF-8";
    const auto where = "not YAML: line " + std::to_string(parser.problem_mark.line + 1);
    const std::string_view problem(parser.problem);
    if (problem == "found unknown escape character") return where + ": it has an escape that YAML does not know";
    return problem == "found unexpected ':'" ? where + ": put a blank behind the colon" : where;
}

/// Owns libyaml's parser.
class parser
{
public:
    explicit parser(std::string_view text)
    {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        const char* const begin = text.empty() ? "" : text.data();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(begin), text.size());
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    }
    parser(const parser&) = delete;
    parser& operator=(const parser&) = delete;
    ~parser() { yaml_parser_delete(&parser_); }

    /// Why the text is refused, by libyaml or by the builder.
    std::optional<std::string> feed(builder& to)
    {
        for (bool ended = false; !ended;) {
            yaml_event_t event;
            if (yaml_parser_parse(&parser_, &event) == 0) {
                if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
                if (auto fault = to.why_not_behind(parser_.problem_mark.line)) return fault;
                return syntax_error(parser_);
            }
            const std::unique_ptr<yaml_event_t, void (*)(yaml_event_t*)> owned(&event, &yaml_event_delete);
            ended = event.type == YAML_STREAM_END_EVENT;
            if (auto fault = to.take(event)) return fault;
        }
        return std::nullopt;
    }

private:
    yaml_parser_t parser_;
};

}

const node* node::find(std::string_view name) const noexcept
{
    for (const node* child = children; child != nullptr; child = child->next)
        if (child->key == name) return child;
    return nullptr;
}

std::string_view node::text_at(std::string_view name) const noexcept
{
    const node* const found = find(name);
    return found == nullptr || found->is_null() ? std::string_view() : found->text;
}

bool node::is_null() const noexcept
{
    if (is != kind::scalar || !plain) return false;
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

const node& node::last() const noexcept
{
    const node* at = this;
    while (at->children != nullptr)
        for (at = at->children; at->next != nullptr;) at = at->next;
    return *at;
}

boost::system::result<document, parse_error> document::parse(std::string_view bytes, limits limits)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (bytes.size() > limits.bytes) return parse_error{"larger than " + std::to_string(limits.bytes >> 20) + " MiB"};
    const auto first = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    const masked_text masked(bytes.substr(first));
    if (auto fault = why_costly(masked.view(), limits.values)) return parse_error{std::move(*fault)};
    document made;
    builder to(masked, bytes, first, made, limits.values);
    if (auto fault = parser(masked.view()).feed(to)) return parse_error{std::move(*fault)};
    if (made.nodes_.empty()) made.nodes_.push_back({.plain = true});
    return made;
}

}
