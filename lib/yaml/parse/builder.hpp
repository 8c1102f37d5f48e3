#pragma once

#include "yaml/document.hpp"
#include "yaml/parse/masked_text.hpp"

#include <yaml.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::yaml {

inline constexpr std::string_view too_deep = "it is nested more than 256 levels deep";
/// `it holds more than 4,096 values`
std::string more_than(std::size_t values);

/// Byte offsets in the masked text of libyaml's marks, which count characters.
class byte_offsets
{
public:
    explicit byte_offsets(std::string_view text);
    std::size_t operator()(std::size_t character);

private:
    std::string_view text_;
    bool ascii_;
    std::size_t character_ = 0; ///< where the last mark was, for the next is near
    std::size_t offset_ = 0;
};

/// Makes a document from libyaml's events.
class builder
{
public:
    /// `first` is the offset of the text in the document's bytes.
    builder(
        const masked_text& masked, std::string_view bytes, std::size_t first, document& target, std::size_t most_values)
        : masked_(masked)
        , bytes_(bytes)
        , first_(first)
        , offsets_(masked.view())
        , document_(target)
        , most_values_(most_values)
    {}

    /// Why the document is refused, or nothing.
    std::optional<std::string> take(const yaml_event_t& event);
    /// Why nothing may follow the document, at this line of the text, counted from 0; nothing where none has ended yet.
    std::optional<std::string> why_not_behind(std::size_t line) const;

private:
    struct extent
    {
        std::size_t begin = node::nowhere;
        std::size_t end = node::nowhere;
    };
    extent masked_extent_of(const yaml_event_t& event);
    extent in_bytes(extent masked) const;
    /// A collection that is open.
    struct level
    {
        node* value = nullptr;
        node* last = nullptr;
        std::optional<std::string_view> key{};
        extent of_key{};
        std::size_t values_before = 0;
        std::string anchor{};
    };
    struct anchored
    {
        const node* value = nullptr;
        std::size_t values = 0; ///< in it, itself included; 0 until it is complete
    };

    std::optional<std::string> take_behind(const yaml_event_t& event);
    std::optional<std::string> take_scalar(const yaml_event_t& event);
    std::optional<std::string> take_alias(const yaml_event_t& event);
    std::optional<std::string> enter(
        const yaml_event_t& event, node::kind kind, bool flow, const yaml_char_t* anchor, const yaml_char_t* tag);
    std::optional<std::string> leave(const yaml_event_t& event);
    std::optional<std::string> add(node value, std::size_t values = 1);
    std::optional<std::string_view> text_of(const yaml_event_t& event, extent masked);
    std::size_t behind_anchor(std::size_t anchor) const;
    bool awaits_key() const noexcept;

    const masked_text& masked_;
    std::string_view bytes_;
    std::size_t first_;
    byte_offsets offsets_;
    document& document_;
    std::vector<level> open_;
    std::map<std::string, anchored, std::less<>> anchors_;
    std::size_t most_values_;
    std::size_t values_ = 0;
    bool has_document_ = false;
};

}
