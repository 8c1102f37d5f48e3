#include "kubeconfig/yaml_builder.hpp"

#include "kubeconfig/yaml_block.hpp"

#include <libfyaml.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace doks::kube {

namespace {

constexpr std::size_t deepest = 32; // as `too_deep` says

std::optional<std::string> why_not_decorated(const fy_token* anchor, const fy_token* tag)
{
    if (anchor != nullptr) return "it uses anchors, which no kubeconfig needs";
    if (tag != nullptr) return "it uses tags, which no kubeconfig needs";
    return std::nullopt;
}

/// Text on one line without escapes says what stands there; libfyaml would go through it character by character.
bool reads_as_it_stands(std::string_view raw, fy_scalar_style style)
{
    const auto lacks = [raw](char c) { return raw.find(c) == raw.npos; };
    if (!lacks('\n') || !lacks('\r')) return false;
    return style == FYSS_PLAIN || (style == FYSS_SINGLE_QUOTED && lacks('\'')) ||
           (style == FYSS_DOUBLE_QUOTED && lacks('\\'));
}

bool has_duplicate_keys(const yaml_node& mapping)
{
    std::vector<std::string_view> keys;
    for (const yaml_node* child = mapping.children; child != nullptr; child = child->next) keys.push_back(child->key);
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

std::optional<std::string> yaml_builder::take(fy_event& event)
{
    switch (event.type) {
    case FYET_DOCUMENT_START:
        if (++documents_ > 1) return "it holds several documents";
        return std::nullopt;
    case FYET_MAPPING_START:
        return enter(event, yaml_node::kind::mapping, event.mapping_start.anchor, event.mapping_start.tag);
    case FYET_SEQUENCE_START:
        return enter(event, yaml_node::kind::sequence, event.sequence_start.anchor, event.sequence_start.tag);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return leave(event);
    case FYET_SCALAR:
        return take_scalar(event);
    case FYET_ALIAS:
        return "it uses aliases, which no kubeconfig needs";
    default:
        return std::nullopt;
    }
}

std::optional<std::string> yaml_builder::take_scalar(fy_event& event)
{
    if (auto fault = why_not_decorated(event.scalar.anchor, event.scalar.tag)) return fault;
    const auto style = fy_token_scalar_style(event.scalar.value);
    const bool plain = style == FYSS_PLAIN;
    const bool quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    auto where = extent_of(event);
    if (quoted && where.begin != yaml_node::nowhere) where = {where.begin - 1, where.end + 1};
    const auto raw = raw_text(event.scalar.value);
    if (auto fault = why_not_read(raw, plain, quoted, where)) return fault;
    const auto text = text_of(event, raw);
    if (!text) return text.error().reason;
    if (!awaits_key()) return add({.plain = plain, .text = *text, .begin = where.begin, .end = where.end});
    if (plain && *text == "<<") return "it uses a merge key, which no kubeconfig needs";
    if (text->empty() && !quoted) return "it has a key that is not text";
    open_.back().key = *text;
    open_.back().of_key = where;
    return std::nullopt;
}

/// What kubectl's parser would read otherwise, so that an entry could hide there.
std::optional<std::string> yaml_builder::why_not_read(std::string_view raw, bool plain, bool quoted, extent where) const
{
    const bool block = !plain && !quoted;
    if (raw.size() > largest_kubeconfig) return "it holds a text larger than 1 MiB";
    if (block && !is_indented(raw)) return "it has a text of several lines that is not indented below its key";
    if (block && where.end == bytes_.size() && bytes_.back() != '\n')
        return "its last line belongs to a block of text and does not end";
    // libfyaml 0.7.12 takes such a line end for one where it is a space.
    if (quoted && raw.find('\r') != raw.npos) return "it has a quoted text of several lines with CR LF";
    // For libfyaml a part of the text, for kubectl the mark of a key.
    if (plain && raw.starts_with('?') && !open_.empty() && open_.back().node->flow)
        return "it has `?` within brackets, which no kubeconfig needs";
    return std::nullopt;
}

boost::system::result<std::string_view, refusal> yaml_builder::text_of(fy_event& event, std::string_view raw)
{
    const auto style = fy_token_scalar_style(event.scalar.value);
    if (!raw.empty() && reads_as_it_stands(raw, style)) return raw;
    if (style == FYSS_LITERAL || style == FYSS_FOLDED) {
        auto made = block_text(header_before(raw), raw, column_of_parent());
        if (!made) return made.error();
        const secret_bytes& held = document_.rewritten_.emplace_back(std::move(*made));
        return std::string_view(held.data(), held.size());
    }
    if (style != FYSS_SINGLE_QUOTED || raw.find('\'') == raw.npos) return kept(event.scalar.value);
    if (raw.find_first_of("\r\n") != raw.npos) return refusal{"it escapes quotes in a text of several lines"};
    return without_doubled_quotes(raw);
}

std::optional<std::string> yaml_builder::enter(
    fy_event& event, yaml_node::kind what, const fy_token* anchor, const fy_token* tag)
{
    if (auto fault = why_not_decorated(anchor, tag)) return fault;
    if (awaits_key()) return "it has a key that is not text";
    if (open_.size() == deepest) return std::string(too_deep);
    const bool flow = fy_event_get_node_style(&event) == FYNS_FLOW;
    if (auto fault = add({.is = what, .flow = flow, .begin = extent_of(event).begin})) return fault;
    open_.push_back({&document_.nodes_.back()});
    return std::nullopt;
}

std::optional<std::string> yaml_builder::leave(fy_event& event)
{
    if (open_.empty()) return "not YAML";
    yaml_node& closed = *open_.back().node;
    if (closed.flow) closed.end = extent_of(event).end;
    open_.pop_back();
    if (closed.is == yaml_node::kind::mapping && has_duplicate_keys(closed)) return "it has the same key twice";
    return std::nullopt;
}

std::optional<std::string> yaml_builder::add(yaml_node node)
{
    if (document_.nodes_.size() == most_values_) return more_than(most_values_);
    yaml_node& added = document_.nodes_.emplace_back(node);
    if (open_.empty()) return std::nullopt;
    level& parent = open_.back();
    if (parent.key) {
        added.key = *parent.key;
        added.key_begin = parent.of_key.begin;
        added.key_end = parent.of_key.end;
    }
    parent.key.reset();
    (parent.last == nullptr ? parent.node->children : parent.last->next) = &added;
    parent.last = &added;
    return std::nullopt;
}

bool yaml_builder::awaits_key() const noexcept
{
    return !open_.empty() && open_.back().node->is == yaml_node::kind::mapping && !open_.back().key;
}

yaml_builder::extent yaml_builder::extent_of(fy_event& event) const
{
    const fy_mark* begin = fy_event_start_mark(&event);
    const fy_mark* end = fy_event_end_mark(&event);
    if (begin == nullptr || end == nullptr || begin->input_pos > end->input_pos || end->input_pos > bytes_.size())
        return {};
    return {begin->input_pos, end->input_pos};
}

std::string_view yaml_builder::raw_text(fy_token* token) const
{
    const fy_mark* begin = fy_token_start_mark(token);
    const fy_mark* end = fy_token_end_mark(token);
    if (begin == nullptr || end == nullptr || begin->input_pos > end->input_pos || end->input_pos > bytes_.size())
        return {};
    return bytes_.substr(begin->input_pos, end->input_pos - begin->input_pos);
}

std::size_t yaml_builder::column_of_parent() const
{
    const auto parent = open_.empty() ? 0 : open_.back().node->begin;
    if (parent == yaml_node::nowhere) return bytes_.size();
    return parent - (bytes_.substr(0, parent).find_last_of("\r\n") + 1); // npos + 1 is 0
}

bool yaml_builder::is_indented(std::string_view block) const
{
    const auto first = block.find_first_not_of(" \t\r\n");
    if (first == block.npos) return true;
    const auto column = first - (block.substr(0, first).find_last_of("\r\n") + 1);
    return column > (open_.empty() ? 0 : column_of_parent());
}

std::string_view yaml_builder::header_before(std::string_view block) const
{
    if (block.empty()) return {};
    const auto end = static_cast<std::size_t>(block.data() - bytes_.data());
    const auto line = bytes_.substr(0, end).find_last_not_of("\r\n");
    const auto begin = bytes_.substr(0, line == bytes_.npos ? 0 : line).find_last_of("\r\n") + 1;
    const bool has_key = !open_.empty() && open_.back().key && open_.back().of_key.end != yaml_node::nowhere;
    const auto from = has_key ? std::max(begin, std::min(open_.back().of_key.end, end)) : begin;
    return bytes_.substr(from, end - from);
}

std::string_view yaml_builder::without_doubled_quotes(std::string_view raw)
{
    secret_bytes& text = document_.rewritten_.emplace_back();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        text.push_back(raw[i]);
        if (raw[i] == '\'') ++i;
    }
    return {text.data(), text.size()};
}

std::string_view yaml_builder::kept(fy_token* token)
{
    std::size_t size = 0;
    const char* text = token == nullptr ? nullptr : fy_token_get_text(token, &size);
    if (text == nullptr || size == 0) return {};
    const std::less_equal<const char*> not_after;
    if (not_after(bytes_.data(), text) && not_after(text + size, bytes_.data() + bytes_.size())) return {text, size};
    const secret_bytes& copy = document_.rewritten_.emplace_back(text, text + size);
    return {copy.data(), copy.size()};
}

}
