#include "kubeconfig/yaml_draft.hpp"

#include "kubeconfig/yaml_scalar.hpp"

#include <algorithm>

namespace doks::kube {

namespace {

yaml_draft drafted(const yaml_node& from, bool in_place)
{
    yaml_draft draft{.is = from.is, .plain = from.plain, .key = from.key, .text = from.text};
    if (in_place) draft.origin = &from;
    for (const yaml_node* child = from.children; child != nullptr; child = child->next)
        draft.children.push_back(drafted(*child, in_place));
    return draft;
}

template <class A, class B> bool same_scalar(const A& a, const B& b)
{
    if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
    return a.text == b.text && (a.plain == b.plain || !may_be_typed(a.text));
}

std::size_t live(const yaml_draft& of)
{
    return static_cast<std::size_t>(
        std::count_if(of.children.begin(), of.children.end(), [](const yaml_draft& child) { return !child.erased; }));
}

bool same_items(const yaml_draft& a, const yaml_draft& b)
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

yaml_draft* yaml_draft::find(std::string_view name) noexcept
{
    for (auto& child : children)
        if (!child.erased && child.key == name) return &child;
    return nullptr;
}

const yaml_draft* yaml_draft::find(std::string_view name) const noexcept
{
    for (const auto& child : children)
        if (!child.erased && child.key == name) return &child;
    return nullptr;
}

bool yaml_draft::is_null() const noexcept { return yaml_node{.is = is, .plain = plain, .text = text}.is_null(); }

bool yaml_draft::is_empty() const noexcept { return live(*this) == 0; }

bool yaml_draft::is_empty_list() const noexcept { return is == yaml_node::kind::sequence && is_empty(); }

yaml_draft draft_of(const yaml_node& original) { return drafted(original, true); }

yaml_draft copy_of(const yaml_node& elsewhere) { return drafted(elsewhere, false); }

yaml_draft text_draft(std::string_view key, std::string_view text) { return {.key = key, .text = text}; }

bool same_meaning(const yaml_draft& draft, const yaml_node& node)
{
    if (draft.is_empty_list() && node.is_null()) return true;
    if (draft.is != node.is) return false;
    if (draft.is == yaml_node::kind::scalar) return same_scalar(draft, node);
    const yaml_node* other = node.children;
    for (const auto& child : draft.children) {
        if (child.erased) continue;
        if (child.is_empty_list() && (other == nullptr || child.key != other->key)) continue;
        if (other == nullptr || child.key != other->key || !same_meaning(child, *other)) return false;
        other = other->next;
    }
    return other == nullptr;
}

bool same_content(const yaml_draft& a, const yaml_draft& b)
{
    if (a.is != b.is) return false;
    if (a.is == yaml_node::kind::scalar) return same_scalar(a, b);
    if (live(a) != live(b)) return false;
    if (a.is == yaml_node::kind::sequence) return same_items(a, b);
    return std::all_of(a.children.begin(), a.children.end(), [&](const yaml_draft& child) {
        const auto* other = child.erased ? &child : b.find(child.key);
        return other == &child || (other != nullptr && same_content(child, *other));
    });
}

}
