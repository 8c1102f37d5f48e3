#include "kubeconfig/yaml_emitter.hpp"

#include "kubeconfig/yaml_scalar.hpp"

namespace doks::kube {

namespace {

constexpr std::size_t step = 2;

/// It means something else in quotes.
bool stays_plain(const yaml_draft& value) { return value.plain && may_be_typed(value.text) && !value.text.empty(); }

}

void yaml_emitter::put_scalar(const yaml_draft& value)
{
    if (value.is_null())
        put("null");
    else if (stays_plain(value))
        put(value.text);
    else
        put_text(to_, value.text);
}

void yaml_emitter::put_pair(const yaml_draft& value, std::size_t column)
{
    to_.insert(to_.end(), column, ' ');
    put_text(to_, value.key);
    put(":");
    put_value(value, column);
}

void yaml_emitter::put_value(const yaml_draft& value, std::size_t column)
{
    if (value.is != yaml_node::kind::scalar && !value.is_empty()) {
        put(line_end_);
        if (value.is == yaml_node::kind::mapping)
            put_children(value, column + step, true);
        else
            put_items(value, column);
        return;
    }
    put(" ");
    value.is == yaml_node::kind::scalar ? put_scalar(value) : put_flow(value);
    put(line_end_);
}

void yaml_emitter::put_children(const yaml_draft& mapping, std::size_t column, bool first_is_indented)
{
    for (const auto& child : mapping.children) {
        if (child.erased) continue;
        const std::size_t before = to_.size();
        put_pair(child, column);
        if (!first_is_indented)
            to_.erase(to_.begin() + static_cast<std::ptrdiff_t>(before),
                to_.begin() + static_cast<std::ptrdiff_t>(before + column));
        first_is_indented = true;
    }
}

void yaml_emitter::put_item(const yaml_draft& value, std::size_t column)
{
    to_.insert(to_.end(), column, ' ');
    put("-");
    if (value.is == yaml_node::kind::mapping && !value.is_empty()) {
        put(" ");
        put_children(value, column + step, false);
    } else if (value.is == yaml_node::kind::sequence && !value.is_empty()) {
        put(line_end_);
        put_items(value, column + step);
    } else {
        put(" ");
        value.is == yaml_node::kind::scalar ? put_scalar(value) : put_flow(value);
        put(line_end_);
    }
}

void yaml_emitter::put_items(const yaml_draft& list, std::size_t column)
{
    for (const auto& child : list.children)
        if (!child.erased) put_item(child, column);
}

void yaml_emitter::put_flow(const yaml_draft& value)
{
    if (value.is == yaml_node::kind::scalar) {
        if (value.is_null() || stays_plain(value))
            put(value.is_null() ? "null" : value.text);
        else
            put_quoted(to_, value.text);
        return;
    }
    const bool mapping = value.is == yaml_node::kind::mapping;
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

void yaml_emitter::put_flow_pair(const yaml_draft& value)
{
    put_quoted(to_, value.key);
    put(": ");
    put_flow(value);
}

}
