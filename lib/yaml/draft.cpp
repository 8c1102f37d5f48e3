#include "yaml/draft.hpp"

#include "yaml/scalar.hpp"

#include <algorithm>
#include <utility>

namespace doks::yaml {

namespace {

draft drafted(const node& from, bool in_place)
{
    draft copy{.is = from.is, .plain = from.plain, .key = from.key, .text = from.text};
    if (in_place) copy.origin = &from;
    for (const node* child = from.children; child != nullptr; child = child->next)
        copy.children.push_back(drafted(*child, in_place));
    return copy;
}

/// `"1"` and `1` differ, `"a"` and `a` do not.
bool same_scalar(const draft& a, const node& b)
{
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    return a.text == b.text && (a.plain == b.plain || !may_be_typed(a.text));
}

std::size_t size_of(const node& collection)
{
    std::size_t size = 0;
    for (const node* child = collection.children; child != nullptr; child = child->next) ++size;
    return size;
}

}

draft* draft::find(std::string_view name) noexcept { return const_cast<draft*>(std::as_const(*this).find(name)); }

const draft* draft::find(std::string_view name) const noexcept
{
    for (const auto& child : children)
        if (!child.erased && child.key == name) return &child;
    return nullptr;
}

bool draft::is_null() const noexcept { return node{.is = is, .plain = plain, .text = text}.is_null(); }

bool draft::is_empty() const noexcept
{
    return std::all_of(children.begin(), children.end(), [](const draft& child) { return child.erased; });
}

bool draft::is_empty_list() const noexcept { return is == node::kind::sequence && is_empty(); }

draft draft_of(const node& original) { return drafted(original, true); }

draft copy_of(const node& elsewhere) { return drafted(elsewhere, false); }

draft text_draft(std::string_view key, std::string_view text) { return {.key = key, .text = text}; }

bool same_meaning(const draft& wanted, const node& value)
{
    if (wanted.is_empty_list() && value.is_null()) return true;
    if (wanted.is != value.is) return false;
    if (wanted.is == node::kind::scalar) return same_scalar(wanted, value);
    std::size_t compared = 0;
    const node* next = value.children;
    for (const auto& child : wanted.children) {
        if (child.erased) continue;
        const bool is_next = next != nullptr && next->key == child.key;
        const node* const other = is_next || wanted.is == node::kind::sequence ? next : value.find(child.key);
        if (other == nullptr && wanted.is == node::kind::mapping && child.is_empty_list()) continue;
        if (other == nullptr || !same_meaning(child, *other)) return false;
        next = other->next;
        ++compared;
    }
    return compared == size_of(value);
}

}
