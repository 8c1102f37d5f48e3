#include "yaml/document.hpp"

#include "yaml/builder.hpp"

#include <yaml.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>

namespace doks::yaml {

namespace {

/// libyaml reads ahead within brackets, and looks through the open ones for each token: too many values are refused before.
bool is_crowded(std::string_view bytes, std::size_t most_values)
{
    constexpr std::size_t marks_of_a_value = 3;
    const auto marks =
        std::count_if(bytes.begin(), bytes.end(), [](char c) { return c == '[' || c == '{' || c == ','; });
    return static_cast<std::size_t>(marks) > marks_of_a_value * most_values;
}

/** Brackets are opened within each other far deeper than the builder goes.

    libyaml takes 0.1 s for 5,000 of them, 1.6 s for 20,000. Brackets in texts and comments count too, so the bound is far
    above what is allowed.
*/
bool is_bottomless(std::string_view bytes)
{
    constexpr std::ptrdiff_t bound = 1024;
    const auto opening = [](char c) { return c == '[' || c == '{'; };
    if (std::count_if(bytes.begin(), bytes.end(), opening) <= bound) return false;
    std::ptrdiff_t depth = 0;
    return std::any_of(bytes.begin(), bytes.end(), [&](char c) {
        if (opening(c)) return ++depth > bound;
        if (c == ']' || c == '}') depth = std::max<std::ptrdiff_t>(depth - 1, 0);
        return false;
    });
}

/// libyaml compares each with all before it.
bool has_many_directives(std::string_view bytes)
{
    constexpr unsigned most = 16;
    unsigned count = 0;
    for (auto at = bytes.find('%', 1); at != bytes.npos && count <= most; at = bytes.find('%', at + 1))
        count += bytes[at - 1] == '\n' || bytes[at - 1] == '\r' ? 1 : 0;
    return count > most;
}

/// Where the text is wrong; libyaml's own words quote it.
std::string syntax_error(const yaml_parser_t& parser)
{
    if (parser.error == YAML_READER_ERROR)
        return std::string_view(parser.problem).starts_with("control") ? "it holds control characters" : "not UTF-8";
    const auto where = "not YAML: line " + std::to_string(parser.problem_mark.line + 1);
    const std::string_view problem(parser.problem);
    return problem == "found unexpected ':'" ? where + ": put a blank behind the colon" : where;
}

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
                return to.has_document() ? std::string(several_documents) : syntax_error(parser_);
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

bool node::is_null() const noexcept
{
    if (is != kind::scalar || !plain) return false;
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

boost::system::result<document, parse_error> document::parse(std::string_view bytes, limits limits)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (bytes.size() > limits.bytes) return parse_error{"larger than " + std::to_string(limits.bytes >> 20) + " MiB"};
    const auto first = bytes.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    const masked_text masked(bytes.substr(first));
    if (is_crowded(masked.view(), limits.values)) return parse_error{more_than(limits.values)};
    if (has_many_directives(masked.view()))
        return parse_error{"it has more than 16 directives (lines that begin with `%`)"};
    if (is_bottomless(masked.view())) return parse_error{std::string(too_deep)};
    document made;
    builder to(masked, bytes, first, made, limits.values);
    if (auto fault = parser(masked.view()).feed(to)) return parse_error{std::move(*fault)};
    if (made.nodes_.empty()) made.nodes_.push_back({.plain = true});
    return made;
}

}
