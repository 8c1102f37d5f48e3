#include "yaml/parse/builder.hpp"

#include <algorithm>
#include <utility>

namespace doks::yaml {

namespace {

constexpr std::size_t deepest = 256; // as `too_deep` says

constexpr const char* has_tag = "it uses a tag such as `!!str`: take it out";
constexpr const char* key_is_no_text = "it has a key that is not text";

std::string name_of(const yaml_char_t* anchor)
{
    return anchor == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(anchor));
}

bool begins_character(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// kubectl refuses them, where other readers take the last.
bool has_duplicate_keys(const node& mapping)
{
    std::vector<std::string_view> keys;
    for (const node* child = mapping.children; child != nullptr; child = child->next) keys.push_back(child->key);
    std::sort(keys.begin(), keys.end());
    return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

}

std::string more_than(std::size_t values)
{
    auto digits = std::to_string(values);
    if (digits.size() > 3) digits.insert(digits.size() - 3, ",");
    return "it holds more than " + digits + " values";
}

byte_offsets::byte_offsets(std::string_view text)
    : text_(text)
    , ascii_(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
{}

std::size_t byte_offsets::operator()(std::size_t character)
{
    if (ascii_) return std::min(character, text_.size());
    while (character_ < character && offset_ < text_.size()) {
        ++offset_;
        while (offset_ < text_.size() && !begins_character(text_[offset_])) ++offset_;
        ++character_;
    }
    while (character_ > character) {
        --offset_;
        while (!begins_character(text_[offset_])) --offset_;
        --character_;
    }
    return offset_;
}

std::optional<std::string> builder::why_not_behind(std::size_t line) const
{
    if (!has_document_) return std::nullopt;
    return "kubectl reads nothing from line " + std::to_string(line + 1) +
           " on: take that out, keep another document in a file of its own, or indent the lines alike";
}

/// A document that says nothing, as a `---` at the end begins one.
std::optional<std::string> builder::take_behind(const yaml_event_t& event)
{
    const bool is_mark = event.type == YAML_DOCUMENT_START_EVENT && event.data.document_start.implicit == 0;
    const bool is_nothing = event.type == YAML_SCALAR_EVENT && event.data.scalar.length == 0 &&
                            event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event.data.scalar.tag == nullptr;
    const bool is_end = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
    if (is_end || ((is_mark || is_nothing) && !document_.root().is_null())) return std::nullopt;
    return why_not_behind(event.start_mark.line);
}

std::optional<std::string> builder::take(const yaml_event_t& event)
{
    if (has_document_) return take_behind(event);
    switch (event.type) {
    case YAML_DOCUMENT_END_EVENT:
        has_document_ = true;
        return std::nullopt;
    case YAML_MAPPING_START_EVENT: {
        const auto& start = event.data.mapping_start;
        return enter(event, node::kind::mapping, start.style == YAML_FLOW_MAPPING_STYLE, start.anchor, start.tag);
    }
    case YAML_SEQUENCE_START_EVENT: {
        const auto& start = event.data.sequence_start;
        return enter(event, node::kind::sequence, start.style == YAML_FLOW_SEQUENCE_STYLE, start.anchor, start.tag);
    }
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        return leave(event);
    case YAML_SCALAR_EVENT:
        return take_scalar(event);
    case YAML_ALIAS_EVENT:
        return take_alias(event);
    default:
        return std::nullopt;
    }
}

std::optional<std::string> builder::take_scalar(const yaml_event_t& event)
{
    const auto& scalar = event.data.scalar;
    if (scalar.tag != nullptr) return has_tag;
    const bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const auto masked = masked_extent_of(event);
    const auto text = text_of(event, masked);
    if (!text) return "it has a comment between an anchor and its value: move the comment";
    const auto where = masked.begin == masked.end ? extent() : in_bytes(masked);
    if (!awaits_key()) {
        const bool shared = scalar.anchor != nullptr;
        if (auto fault = add({.plain = plain, .shared = shared, .text = *text, .begin = where.begin, .end = where.end}))
            return fault;
        if (scalar.anchor != nullptr) anchors_[name_of(scalar.anchor)] = {&document_.nodes_.back(), 1};
        return std::nullopt;
    }
    if (scalar.anchor != nullptr || (text->empty() && plain)) return key_is_no_text;
    if (plain && *text == "<<") return "it uses a merge key (`<<`): write out what it merges";
    open_.back().key = *text;
    open_.back().of_key = where;
    return std::nullopt;
}

/// The content of the value that it names, which is complete before an alias can name it.
std::optional<std::string> builder::take_alias(const yaml_event_t& event)
{
    if (awaits_key()) return key_is_no_text;
    const auto found = anchors_.find(name_of(event.data.alias.anchor));
    if (found == anchors_.end() || found->second.values == 0) return "it has an alias without an anchor before it";
    node value = *found->second.value;
    const auto where = in_bytes(masked_extent_of(event));
    value.begin = where.begin;
    value.end = where.end;
    value.flow = true;
    value.shared = true;
    return add(value, found->second.values);
}

/// Collections count before their content, so that the bound holds while it is read.
std::optional<std::string> builder::enter(
    const yaml_event_t& event, node::kind kind, bool flow, const yaml_char_t* anchor, const yaml_char_t* tag)
{
    if (tag != nullptr) return has_tag;
    if (awaits_key()) return key_is_no_text;
    if (open_.size() == deepest) return std::string(too_deep);
    const auto values_before = values_;
    auto begin = in_bytes(masked_extent_of(event)).begin;
    if (anchor != nullptr && !flow) begin = behind_anchor(begin);
    if (auto fault = add({.is = kind, .flow = flow, .shared = anchor != nullptr, .begin = begin})) return fault;
    auto& opened = open_.emplace_back();
    opened.value = &document_.nodes_.back();
    opened.values_before = values_before;
    opened.anchor = name_of(anchor);
    if (anchor != nullptr) anchors_[opened.anchor] = {opened.value, 0}; // no alias can name it before it ends
    return std::nullopt;
}

std::optional<std::string> builder::leave(const yaml_event_t& event)
{
    auto closed = std::move(open_.back());
    open_.pop_back();
    if (closed.value->flow) closed.value->end = in_bytes(masked_extent_of(event)).end;
    // Unless a value in it has the same anchor, which counts from there on.
    if (const auto own = anchors_.find(closed.anchor); own != anchors_.end() && own->second.value == closed.value)
        own->second.values = values_ - closed.values_before;
    if (closed.value->is == node::kind::mapping && has_duplicate_keys(*closed.value))
        return "it has the same key twice: take one of them out";
    return std::nullopt;
}

std::optional<std::string> builder::add(node value, std::size_t values)
{
    if (values > most_values_ - values_) return more_than(most_values_);
    values_ += values;
    value.next = nullptr;
    value.key = {};
    value.key_begin = value.key_end = node::nowhere;
    if (!open_.empty() && open_.back().key) {
        value.key = *open_.back().key;
        value.key_begin = open_.back().of_key.begin;
        value.key_end = open_.back().of_key.end;
    }
    const node& added = document_.nodes_.emplace_back(value);
    if (open_.empty()) return std::nullopt;
    level& parent = open_.back();
    parent.key.reset();
    (parent.last == nullptr ? parent.value->children : parent.last->next) = &added;
    parent.last = &document_.nodes_.back();
    return std::nullopt;
}

bool builder::awaits_key() const noexcept
{
    return !open_.empty() && open_.back().value->is == node::kind::mapping && !open_.back().key;
}

/// The first key or dash of a block collection: behind its anchor, and comments.
std::size_t builder::behind_anchor(std::size_t anchor) const
{
    auto at = std::min(bytes_.find_first_of(" \t\r\n", anchor), bytes_.size());
    for (;;) {
        at = std::min(bytes_.find_first_not_of(" \t\r\n", at), bytes_.size());
        if (at == bytes_.size() || bytes_[at] != '#') return at;
        at = std::min(bytes_.find('\n', at), bytes_.size());
    }
}

builder::extent builder::masked_extent_of(const yaml_event_t& event)
{
    const auto begin = offsets_(event.start_mark.index);
    return {begin, offsets_(event.end_mark.index)};
}

builder::extent builder::in_bytes(extent masked) const
{
    return {first_ + masked_.offset_of(masked.begin), first_ + masked_.offset_of(masked.end)};
}

/// A view of the bytes if they read like the value; otherwise a copy. Nothing if the value cannot be restored.
std::optional<std::string_view> builder::text_of(const yaml_event_t& event, extent masked)
{
    const auto& scalar = event.data.scalar;
    const std::string_view value(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const bool quoted =
        scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    auto inner = masked;
    if (quoted) inner = {masked.begin + 1, masked.end - 1};
    if (masked_.view().substr(inner.begin, inner.end - inner.begin) == value) {
        const auto where = in_bytes(inner);
        return bytes_.substr(where.begin, where.end - where.begin);
    }
    // The header of a block scalar may have a comment.
    if (!quoted && scalar.style != YAML_PLAIN_SCALAR_STYLE)
        masked.begin = std::min(masked_.view().find_first_of("\r\n", masked.begin), masked.end);
    auto restored = masked_.restore(value, masked.begin, masked.end);
    if (!restored) return std::nullopt;
    const secret_bytes& held = document_.rewritten_.emplace_back(std::move(*restored));
    return std::string_view(held.data(), held.size());
}

}
