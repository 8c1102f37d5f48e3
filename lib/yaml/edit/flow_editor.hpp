#pragma once

#include "yaml/draft.hpp"
#include "yaml/edit/splices.hpp"

#include <cstddef>
#include <string_view>

namespace doks::yaml {

/// Finds the bytes that change in a collection in brackets, and adds them to `changes`.
class flow_editor
{
public:
    flow_editor(std::string_view text, std::string_view line_end, splices& changes)
        : text_(text)
        , line_end_(line_end)
        , changes_(changes)
    {}

    void edit(const draft& wanted);

private:
    void edit_child(const draft& child);
    void erase(const draft& wanted, std::size_t number);
    void add(const draft& wanted);

    std::string_view text_;
    std::string_view line_end_;
    splices& changes_;
};

}
