#pragma once

#include "kubeconfig/yaml_document.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct fy_event;
struct fy_token;

namespace doks::kube {

inline constexpr std::string_view too_deep = "it is nested more than 32 levels deep";
/// `it holds more than 4,096 values`
std::string more_than(std::size_t values);

/** Makes a document of libfyaml's events, and refuses what a kubeconfig does not need as soon as it is seen. */
class yaml_builder
{
public:
    yaml_builder(std::string_view bytes, yaml_document& target, std::size_t most_values)
        : bytes_(bytes)
        , document_(target)
        , most_values_(most_values)
    {}

    /// Why the document is refused, or nothing.
    std::optional<std::string> take(fy_event& event);
    bool complete() const noexcept { return documents_ == 1 && open_.empty(); }

private:
    /// Where a token stands in the bytes.
    struct extent
    {
        std::size_t begin = yaml_node::nowhere;
        std::size_t end = yaml_node::nowhere;
    };
    struct level
    {
        yaml_node* node = nullptr;
        yaml_node* last = nullptr;
        std::optional<std::string_view> key{};
        extent of_key{};
    };

    std::optional<std::string> take_scalar(fy_event& event);
    std::optional<std::string> why_not_read(std::string_view raw, bool plain, bool quoted, extent where) const;
    boost::system::result<std::string_view, refusal> text_of(fy_event& event, std::string_view raw);
    std::optional<std::string> enter(
        fy_event& event, yaml_node::kind what, const fy_token* anchor, const fy_token* tag);
    std::optional<std::string> leave(fy_event& event);
    extent extent_of(fy_event& event) const;
    std::optional<std::string> add(yaml_node node);
    bool awaits_key() const noexcept;
    std::string_view kept(fy_token* token);
    /// As it stands in the bytes, between its quotes.
    std::string_view raw_text(fy_token* token) const;
    /** Whether a text in the form `|` or `>` stands below the collection that it is in.

        libfyaml 0.7.12 also takes lines for its text that do not, and are the collection's next keys to kubectl: an exec
        entry could hide there.
    */
    bool is_indented(std::string_view block) const;
    std::size_t column_of_parent() const;
    /// The rest of the line before such a text, behind its key.
    std::string_view header_before(std::string_view block) const;
    /// libfyaml 0.7.12 leaks 64 bytes for each escaped quote of a single-quoted text that it is asked for.
    std::string_view without_doubled_quotes(std::string_view raw);

    std::string_view bytes_;
    yaml_document& document_;
    std::vector<level> open_;
    std::size_t most_values_;
    std::size_t documents_ = 0;
};

}
