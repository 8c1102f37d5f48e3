#pragma once

#include "yaml/draft.hpp"
#include "yaml/lines.hpp"
#include "yaml/splices.hpp"

#include <cstddef>
#include <string_view>

namespace doks::yaml {

/// It is to be put in; an empty list is not.
inline bool is_new(const draft& child) noexcept
{
    return !child.erased && child.origin == nullptr && !child.is_empty_list();
}

/// Finds out which bytes change, by going through a document and `wanted` together.
class editor
{
public:
    editor(std::string_view text, const node& root)
        : text_(text)
        , lines_(text)
        , splices_(text)
        , root_(root)
        , line_end_(text.find("\r\n") != text.npos && text.find("\r\n") < text.find('\n') ? "\r\n" : "\n")
    {}

    void edit(const draft& wanted) { root_.flow ? edit_flow(wanted) : edit_block(wanted, end_of_document()); }
    bool apply(secret_bytes& to) { return splices_.apply(to); }

private:
    void edit_block(const draft& wanted, std::size_t bound);
    void edit_pair(const draft& child, std::size_t column, std::size_t bound);
    void add_to_block(const draft& wanted, std::size_t column, std::size_t at);
    void replace_lines(const draft& child, std::size_t column, std::size_t bound);
    void replace_scalar(const draft& child);
    void fill_list(const draft& child, std::size_t column, std::size_t bound);
    void empty_list(const draft& child);

    void edit_flow(const draft& wanted);
    void erase_from_flow(const draft& wanted, std::size_t number);
    void add_to_flow(const draft& wanted);
    void edit_in_flow(const draft& child);

    static std::size_t end_of_kept_text(const node& value);
    std::size_t end_of_document() const;
    std::size_t line_of(const draft& child, const node& parent) const;
    bool is_one_line(const node& value) const;
    std::size_t dash_indent() const;
    std::size_t colon_of(const node& value) const { return text_.find(':', value.key_end); }

    static std::size_t begin_in_flow(const node& child)
    {
        return child.key_begin == node::nowhere ? child.begin : child.key_begin;
    }
    static std::size_t end_in_flow(const node& child) { return child.end == node::nowhere ? child.key_end : child.end; }

    std::string_view text_;
    lines lines_;
    splices splices_;
    const node& root_;
    std::string_view line_end_;
};

}
