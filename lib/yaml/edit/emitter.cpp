#include "yaml/edit/emitter.hpp"

#include "yaml/scalar.hpp"

namespace doks::yaml {

namespace {

constexpr std::size_t step = 2;

/// It means something else in quotes.
bool stays_plain(const draft& value) { return value.plain && may_be_typed(value.text) && !value.text.empty(); }

}

void emitter::put_scalar(const draft& value)
{
    if (!put_plain(value)) put_text(to_, value.text);
}

bool emitter::put_plain(const draft& value)
{
    if (!value.is_null() && !stays_plain(value)) return false;
    put(value.is_null() ? "null" : value.text);
    return true;
}

void emitter::put_pair(const draft& value, std::size_t column)
{
    put_text(to_, value.key);
    put(":");
    put_value(value, column);
}

/// Empty collections are written in brackets, for nothing at all would be null.
void emitter::put_value(const draft& value, std::size_t column)
{
    if (value.is != node::kind::scalar && !value.is_empty()) {
        put(line_end_);
        if (value.is == node::kind::mapping)
            put_children(value, column + step, false);
        else
            put_items(value, column);
        return;
    }
    put(" ");
    value.is == node::kind::scalar ? put_scalar(value) : put_flow(value);
    put(line_end_);
}

void emitter::put_children(const draft& mapping, std::size_t column, bool is_indented)
{
    for (const auto& child : mapping.children) {
        if (child.erased) continue;
        if (!is_indented) indent(column);
        put_pair(child, column);
        is_indented = false;
    }
}

void emitter::put_item(const draft& value, std::size_t column)
{
    indent(column);
    put("-");
    if (value.is == node::kind::mapping && !value.is_empty()) {
        put(" ");
        put_children(value, column + step, true);
    } else {
        put_value(value, column + step);
    }
}

void emitter::put_items(const draft& list, std::size_t column)
{
    for (const auto& child : list.children)
        if (!child.erased) put_item(child, column);
}

/// JSON: every text in quotes.
void emitter::put_flow(const draft& value)
{
    if (value.is == node::kind::scalar) {
        if (!put_plain(value)) put_quoted(to_, value.text);
        return;
    }
    const bool mapping = value.is == node::kind::mapping;
    put(mapping ? "{" : "[");
    bool first = true;
    for (const auto& child : value.children) {
        if (child.erased) continue;
        if (!first) put(", ");
        first = false;
        mapping ? put_flow_pair(child) : put_flow(child);
    }
    put(mapping ? "}" : "]");
}

void emitter::put_flow_pair(const draft& value)
{
    put_quoted(to_, value.key);
    put(": ");
    put_flow(value);
}

}
