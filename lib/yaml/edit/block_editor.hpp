#pragma once

#include "yaml/draft.hpp"
#include "yaml/edit/flow_editor.hpp"
#include "yaml/edit/lines.hpp"
#include "yaml/edit/splices.hpp"

#include <cstddef>
#include <string_view>

namespace doks::yaml {

/// Finds the bytes that change in a document whose root is in block style, and adds them to `changes`.
class block_editor
{
public:
    block_editor(std::string_view text, std::string_view line_end, const node& root, splices& changes)
        : text_(text)
        , lines_(text)
        , root_(root)
        , line_end_(line_end)
        , changes_(changes)
        , flow_(text, line_end, changes)
    {}

    void edit(const draft& wanted) { edit_block(wanted, end_of_document()); }

private:
    void edit_block(const draft& wanted, std::size_t bound);
    void edit_pair(const draft& child, std::size_t column, std::size_t bound);
    void add_to_block(const draft& wanted, std::size_t column, std::size_t at);
    void replace_lines(const draft& child, std::size_t column, std::size_t bound);
    void replace_scalar(const draft& child);
    void fill_list(const draft& child, std::size_t column, std::size_t bound);
    void empty_list(const draft& child);

    static std::size_t end_of_kept_text(const node& value);
    std::size_t end_of_document() const;
    std::size_t line_of(const draft& child, const node& parent) const;
    bool is_one_line(const node& value) const;
    std::size_t dash_indent() const;
    std::size_t colon_of(const node& value) const { return text_.find(':', value.key_end); }

    std::string_view text_;
    lines lines_;
    const node& root_;
    std::string_view line_end_;
    splices& changes_;
    flow_editor flow_;
};

}
