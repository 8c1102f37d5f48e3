#include "yaml/draft.hpp"

#include "yaml/scalar.hpp"

#include <algorithm>

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

template <class A, class B> bool same_scalar(const A& a, const B& b)
{
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    return a.text == b.text && (a.plain == b.plain || !may_be_typed(a.text));
}

std::size_t live(const draft& of)
{
    return static_cast<std::size_t>(
        std::count_if(of.children.begin(), of.children.end(), [](const draft& child) { return !child.erased; }));
}

bool same_items(const draft& a, const draft& b)
{
    auto other = b.children.begin();
    for (const auto& child : a.children) {
        if (child.erased) continue;
        while (other->erased) ++other;
        if (!same_content(child, *other++)) return false;
    }
    return true;
}

}

draft* draft::find(std::string_view name) noexcept
{
    for (auto& child : children)
        if (!child.erased && child.key == name) return &child;
    return nullptr;
}

const draft* draft::find(std::string_view name) const noexcept
{
    for (const auto& child : children)
        if (!child.erased && child.key == name) return &child;
    return nullptr;
}

bool draft::is_null() const noexcept { return node{.is = is, .plain = plain, .text = text}.is_null(); }

bool draft::is_empty() const noexcept { return live(*this) == 0; }

bool draft::is_empty_list() const noexcept { return is == node::kind::sequence && is_empty(); }

draft draft_of(const node& original) { return drafted(original, true); }

draft copy_of(const node& elsewhere) { return drafted(elsewhere, false); }

draft text_draft(std::string_view key, std::string_view text) { return {.key = key, .text = text}; }

bool same_meaning(const draft& wanted, const node& value)
{
    if (wanted.is_empty_list() && value.is_null()) return true;
    if (wanted.is != value.is) return false;
    if (wanted.is == node::kind::scalar) return same_scalar(wanted, value);
    const node* other = value.children;
    for (const auto& child : wanted.children) {
        if (child.erased) continue;
        if (child.is_empty_list() && (other == nullptr || child.key != other->key)) continue;
        if (other == nullptr || child.key != other->key || !same_meaning(child, *other)) return false;
        other = other->next;
    }
    return other == nullptr;
}

bool same_content(const draft& a, const draft& b)
{
    if (a.is != b.is) return false;
    if (a.is == node::kind::scalar) return same_scalar(a, b);
    if (live(a) != live(b)) return false;
    if (a.is == node::kind::sequence) return same_items(a, b);
    return std::all_of(a.children.begin(), a.children.end(), [&](const draft& child) {
        const auto* other = child.erased ? &child : b.find(child.key);
        return other == &child || (other != nullptr && same_content(child, *other));
    });
}

}
