#pragma once

#include "kubeconfig/yaml_draft.hpp"
#include "kubeconfig/yaml_lines.hpp"
#include "kubeconfig/yaml_splices.hpp"

#include <cstddef>
#include <string_view>

namespace doks::kube {

/// It is to be put in; an empty list is not.
inline bool is_new(const yaml_draft& child) noexcept
{
    return !child.erased && child.origin == nullptr && !child.is_empty_list();
}

/// Finds out which bytes change, by going through a document and its draft together.
class yaml_editor
{
public:
    yaml_editor(std::string_view text, const yaml_node& root)
        : text_(text)
        , lines_(text)
        , splices_(text)
        , root_(root)
        , line_end_(text.find("\r\n") != text.npos && text.find("\r\n") < text.find('\n') ? "\r\n" : "\n")
    {}

    void edit(const yaml_draft& draft) { root_.flow ? edit_flow(draft) : edit_block(draft, end_of_document()); }
    bool apply(secret_bytes& to) { return splices_.apply(to); }

private:
    void edit_block(const yaml_draft& draft, std::size_t bound);
    void edit_pair(const yaml_draft& child, std::size_t column, std::size_t bound);
    void add_to_block(const yaml_draft& draft, std::size_t column, std::size_t at);
    void replace_lines(const yaml_draft& child, std::size_t column, std::size_t bound);
    void replace_scalar(const yaml_draft& child);
    void fill_list(const yaml_draft& child, std::size_t column, std::size_t bound);
    void empty_list(const yaml_draft& child);

    void edit_flow(const yaml_draft& draft);
    void erase_from_flow(const yaml_draft& draft, std::size_t number);
    void add_to_flow(const yaml_draft& draft);
    void edit_in_flow(const yaml_draft& child);

    std::size_t end_of_document() const;
    std::size_t line_of(const yaml_draft& child, const yaml_node& parent) const;
    bool is_one_line(const yaml_node& value) const;
    std::size_t dash_indent() const;
    std::size_t colon_of(const yaml_node& value) const { return text_.find(':', value.key_end); }

    static std::size_t begin_in_flow(const yaml_node& child)
    {
        return child.key_begin == yaml_node::nowhere ? child.begin : child.key_begin;
    }
    static std::size_t end_in_flow(const yaml_node& child)
    {
        return child.end == yaml_node::nowhere ? child.key_end : child.end;
    }

    std::string_view text_;
    yaml_lines lines_;
    yaml_splices splices_;
    const yaml_node& root_;
    std::string_view line_end_;
};

}
