#pragma once

#include "yaml/document.hpp"

#include <string_view>
#include <vector>

namespace doks::yaml {

/** What a document shall say: a copy of its values that is changed at will, each with the place it came from.

    Keys and texts refer to the bytes of whatever they were copied from, which have to outlive it. What is taken
    out is marked as `erased` and stays, so that places in `children` keep their numbers; what is put in has no `origin`
    and stands behind what was there.
*/
struct draft
{
    node::kind is = node::kind::scalar;
    bool plain = false;
    bool erased = false;
    std::string_view key{};
    std::string_view text{};
    const node* origin = nullptr;
    std::vector<draft> children{};

    /// One that is not erased.
    draft* find(std::string_view name) noexcept;
    const draft* find(std::string_view name) const noexcept;
    /// Nothing, or what YAML takes for nothing.
    bool is_null() const noexcept;
    /// Children that are not erased.
    bool is_empty() const noexcept;
    bool is_empty_list() const noexcept;
};

/// It is to be put in; an empty list is not.
inline bool is_new(const draft& child) noexcept
{
    return !child.erased && child.origin == nullptr && !child.is_empty_list();
}

/// What it says, to be changed where it stands.
draft draft_of(const node& original);
/// What it says, to be put in elsewhere.
draft copy_of(const node& elsewhere);
draft text_draft(std::string_view key, std::string_view text);

/** Both say the same, keys in any order.

    An empty list is the same as null, or as none; quotes make no difference to what is text with and without them.
*/
bool same_meaning(const draft& wanted, const node& value);

}
