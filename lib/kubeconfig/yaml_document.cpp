#include "kubeconfig/yaml_document.hpp"

#include "kubeconfig/yaml_builder.hpp"

#include <libfyaml.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace doks::kube {

namespace {

struct destroy
{
    void operator()(fy_diag* diag) const noexcept { fy_diag_destroy(diag); }
    void operator()(fy_parser* parser) const noexcept { fy_parser_destroy(parser); }
};
using diagnostics = std::unique_ptr<fy_diag, destroy>;

void drop_text(fy_diag*, void*, const char*, size_t) {}

/// Collects errors instead of printing them: libfyaml's own default is stderr, and its texts quote the document.
diagnostics silent_diagnostics()
{
    fy_diag_cfg how{};
    fy_diag_cfg_default(&how);
    how.fp = nullptr;
    how.output_fn = &drop_text;
    how.colorize = false;
    diagnostics made(fy_diag_create(&how));
    if (!made) throw std::bad_alloc();
    fy_diag_set_collect_errors(made.get(), true);
    return made;
}

/// libfyaml reads a whole line of flow style ahead before it gives the first event of it, at 0.4 s a megabyte.
bool is_crowded(std::string_view bytes, std::size_t most_values)
{
    constexpr std::size_t marks_of_a_value = 3;
    const auto marks =
        std::count_if(bytes.begin(), bytes.end(), [](char c) { return c == '[' || c == '{' || c == ','; });
    return static_cast<std::size_t>(marks) > marks_of_a_value * most_values;
}

/** Brackets are opened within each other far deeper than any builder goes.

    The read-ahead takes in all levels of a line before the builder sees the 33rd of them, at 0.7 ms a thousand. Brackets
    in texts and comments count here too, so the bound is far above what is allowed.
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

std::string syntax_error(fy_diag* diag)
{
    void* position = nullptr;
    const fy_diag_error* first = fy_diag_errors_iterate(diag, &position);
    if (first == nullptr || first->line < 0) return "not YAML";
    return "not YAML: line " + std::to_string(first->line) + ", column " + std::to_string(first->column);
}

/// The parser with one event at a time, given back to it before the next is asked for.
class event_stream
{
public:
    event_stream(std::string_view bytes, fy_diag* diag)
    {
        fy_parse_cfg how{};
        how.flags = static_cast<fy_parse_cfg_flags>(FYPCF_QUIET | FYPCF_JSON_NONE);
        how.diag = diag;
        parser_.reset(fy_parser_create(&how));
        if (!parser_ || fy_parser_set_string(parser_.get(), bytes.data(), bytes.size()) != 0) throw std::bad_alloc();
    }
    event_stream(const event_stream&) = delete;
    event_stream& operator=(const event_stream&) = delete;
    ~event_stream() { release(); }

    /// Nothing at the end, and after an error.
    fy_event* next()
    {
        release();
        event_ = fy_parser_parse(parser_.get());
        return event_;
    }
    bool failed() const { return fy_parser_get_stream_error(parser_.get()); }

private:
    void release() noexcept
    {
        if (event_ != nullptr) fy_parser_event_free(parser_.get(), event_);
        event_ = nullptr;
    }

    std::unique_ptr<fy_parser, destroy> parser_;
    fy_event* event_ = nullptr;
};

}

const yaml_node* yaml_node::find(std::string_view name) const noexcept
{
    for (const yaml_node* child = children; child != nullptr; child = child->next)
        if (child->key == name) return child;
    return nullptr;
}

bool yaml_node::is_null() const noexcept
{
    if (is != kind::scalar || !plain) return false;
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

boost::system::result<yaml_document, refusal> yaml_document::parse(std::string_view bytes, document_limits limits)
{
    if (auto fault = why_not_text(bytes, limits.bytes)) return refusal{std::move(*fault)};
    if (is_crowded(bytes, limits.values)) return refusal{more_than(limits.values)};
    if (is_bottomless(bytes)) return refusal{std::string(too_deep)};
    const diagnostics diag = silent_diagnostics();
    event_stream events(bytes, diag.get());
    yaml_document document;
    yaml_builder builder(bytes, document, limits.values);
    while (fy_event* event = events.next())
        if (auto fault = builder.take(*event)) return refusal{std::move(*fault)};
    if (events.failed()) return refusal{syntax_error(diag.get())};
    if (document.nodes_.empty()) return refusal{"it holds no value"};
    if (!builder.complete()) return refusal{"not YAML: it ends too early"};
    return document;
}

}
