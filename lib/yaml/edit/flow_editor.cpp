#include "yaml/edit/flow_editor.hpp"

#include "yaml/edit/emitter.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace doks::yaml {

namespace {

using kind = node::kind;

bool is_live(const draft& child) { return !child.erased; }

std::size_t begin_of(const node& child) { return child.key_begin == node::nowhere ? child.begin : child.key_begin; }
std::size_t end_of(const node& child) { return child.end == node::nowhere ? child.key_end : child.end; }

}

void flow_editor::edit(const draft& wanted)
{
    for (std::size_t i = 0; i < wanted.children.size(); ++i) {
        const auto& child = wanted.children[i];
        if (child.origin == nullptr || (!child.erased && same_meaning(child, *child.origin))) continue;
        child.erased ? erase(wanted, i) : edit_child(child);
    }
    add(wanted);
}

/// A missing value has no place at which it could be replaced; the check after the edit finds that out.
void flow_editor::edit_child(const draft& child)
{
    const node& origin = *child.origin;
    if (child.is == origin.is && child.is != kind::scalar) return edit(child);
    if (origin.begin == node::nowhere || origin.end == node::nowhere) return;
    secret_bytes text;
    emitter(text, line_end_).put_flow(child);
    changes_.replace(origin.begin, origin.end, std::move(text));
}

/// With the comma before it; the first ones with the one behind.
void flow_editor::erase(const draft& wanted, std::size_t number)
{
    const auto& all = wanted.children;
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(number);
    const std::size_t end = end_of(*at->origin);
    if (std::any_of(all.begin(), at, is_live)) return changes_.erase(end_of(*std::prev(at)->origin), end);
    const auto next = std::next(at);
    const bool is_last = next == all.end() || next->origin == nullptr;
    changes_.erase(begin_of(*at->origin), is_last ? end : begin_of(*next->origin));
}

/// With the blanks that the collection has between its last two values, so that one value a line stays that.
void flow_editor::add(const draft& wanted)
{
    const node* last = nullptr;
    const node* before = nullptr;
    bool follows = false;
    for (const auto& child : wanted.children) {
        if (child.origin == nullptr) break;
        before = last;
        last = child.origin;
        follows = follows || is_live(child);
    }
    const std::size_t opening = wanted.origin->begin + 1;
    const std::size_t at = last == nullptr ? opening : end_of(*last);
    std::string_view gap = " ";
    if (last != nullptr) {
        const std::size_t from = before == nullptr ? opening : text_.find(',', end_of(*before)) + 1;
        const auto space = text_.substr(from, begin_of(*last) - from);
        if (space.find_first_not_of(" \t\r\n") == space.npos) gap = space;
    }
    secret_bytes text;
    emitter to(text, line_end_);
    for (const auto& child : wanted.children) {
        if (!is_new(child)) continue;
        if (follows) text.push_back(',');
        if (follows) text.insert(text.end(), gap.begin(), gap.end());
        follows = true;
        wanted.is == kind::mapping ? to.put_flow_pair(child) : to.put_flow(child);
    }
    if (!text.empty()) changes_.insert(at, std::move(text));
}

}
