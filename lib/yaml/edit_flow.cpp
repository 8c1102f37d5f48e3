#include "yaml/editor.hpp"
#include "yaml/emitter.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace doks::yaml {

namespace {

using kind = node::kind;

bool is_live(const draft& child) { return !child.erased; }

}

void editor::edit_flow(const draft& wanted)
{
    for (std::size_t i = 0; i < wanted.children.size(); ++i) {
        const auto& child = wanted.children[i];
        if (child.origin == nullptr || (!child.erased && same_meaning(child, *child.origin))) continue;
        child.erased ? erase_from_flow(wanted, i) : edit_in_flow(child);
    }
    add_to_flow(wanted);
}

void editor::edit_in_flow(const draft& child)
{
    const node& origin = *child.origin;
    if (child.is == origin.is && child.is != kind::scalar) return edit_flow(child);
    if (origin.begin == node::nowhere || origin.end == node::nowhere) return;
    secret_bytes text;
    emitter(text, line_end_).put_flow(child);
    splices_.replace(origin.begin, origin.end, std::move(text));
}

/// With the comma before it; the first ones with the one behind.
void editor::erase_from_flow(const draft& wanted, std::size_t number)
{
    const auto& all = wanted.children;
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(number);
    const std::size_t end = end_in_flow(*at->origin);
    if (std::any_of(all.begin(), at, is_live)) return splices_.erase(end_in_flow(*std::prev(at)->origin), end);
    const auto next = std::next(at);
    const bool is_last = next == all.end() || next->origin == nullptr;
    splices_.erase(begin_in_flow(*at->origin), is_last ? end : begin_in_flow(*next->origin));
}

void editor::add_to_flow(const draft& wanted)
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
    const std::size_t at = last == nullptr ? opening : end_in_flow(*last);
    std::string_view gap = " ";
    if (last != nullptr) {
        const std::size_t from = before == nullptr ? opening : text_.find(',', end_in_flow(*before)) + 1;
        const auto space = text_.substr(from, begin_in_flow(*last) - from);
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
    if (!text.empty()) splices_.insert(at, std::move(text));
}

}
