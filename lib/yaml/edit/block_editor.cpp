#include "yaml/edit/block_editor.hpp"

#include "yaml/edit/emitter.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace doks::yaml {

namespace {

using kind = node::kind;

constexpr std::string_view was = "# was ";
constexpr std::string_view was_nothing = " # was nothing";
constexpr std::string_view was_absent = " # was absent";

/// Nothing, or a comment.
bool is_blank(std::string_view rest)
{
    const auto first = rest.find_first_not_of(" \t");
    return first == rest.npos || (first > 0 && rest[first] == '#');
}

/// `[]` or null, and nothing but a comment behind it.
bool is_empty_value(std::string_view text)
{
    for (const std::string_view null : {"~", "null", "Null", "NULL"})
        if (text.starts_with(null)) return is_blank(text.substr(null.size()));
    const auto end = text.find_first_not_of(" \t", 1);
    if (!text.starts_with('[') || end == text.npos || text[end] != ']') return false;
    return text.substr(end + 1).starts_with('#') || is_blank(text.substr(end + 1));
}

bool is_mark(std::string_view line, std::string_view mark)
{
    return line.starts_with(mark) && line.substr(mark.size(), 1).find_first_not_of(" \t") == line.npos;
}

}

/// Up to the mark that ends it, if there is one.
std::size_t block_editor::end_of_document() const
{
    std::size_t at = lines_.begin_of(root_.begin);
    for (; at < text_.size(); at = lines_.end_of(at))
        if (const auto line = lines_.rest_of_line(at); is_mark(line, "...") || is_mark(line, "---")) break;
    return at;
}

/// The line with its key, or with the dash before it.
std::size_t block_editor::line_of(const draft& child, const node& parent) const
{
    if (parent.is == kind::mapping) return lines_.begin_of(child.origin->key_begin);
    const std::size_t column = lines_.column_of(parent.begin);
    std::size_t line = lines_.begin_of(child.origin->begin);
    const auto has_dash = [&] {
        return line + column < text_.size() && text_[line + column] == '-' && lines_.begins_line(line + column);
    };
    while (line > parent.begin && !has_dash()) line = lines_.begin_of(line - 1);
    return line;
}

bool block_editor::is_one_line(const node& value) const
{
    if (value.begin == node::nowhere || value.end == node::nowhere) return false;
    return text_.substr(value.begin, value.end - value.begin).find('\n') == text_.npos;
}

/// How far the other lists of the document indent their dashes.
std::size_t block_editor::dash_indent() const
{
    for (const node* child = root_.children; child != nullptr; child = child->next)
        if (child->is == kind::sequence && !child->flow)
            return lines_.column_of(child->begin) -
                   std::min(lines_.column_of(child->key_begin), lines_.column_of(child->begin));
    return 0;
}

/// The end of a block scalar that keeps the blank lines behind it; they are part of its value.
std::size_t block_editor::end_of_kept_text(const node& value)
{
    const node& last = value.last();
    const bool keeps = last.text.ends_with("\n\n") || last.text == "\n";
    return !last.flow && keeps && last.end != node::nowhere ? last.end : 0;
}

/// Each child ends where the next one begins, less the comments and blank lines before that.
void block_editor::edit_block(const draft& wanted, std::size_t bound)
{
    const node& value = *wanted.origin;
    const std::size_t column = lines_.column_of(value.begin);
    std::size_t floor = lines_.begin_of(value.begin);
    std::vector<std::size_t> begins;
    for (const auto& child : wanted.children)
        if (child.origin != nullptr) begins.push_back(line_of(child, value));
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const auto& child = wanted.children[i];
        const std::size_t limit = i + 1 < begins.size() ? begins[i + 1] : bound;
        floor = std::max(lines_.end_of_block(lines_.end_of(begins[i]), limit, column), end_of_kept_text(*child.origin));
        if (child.erased)
            changes_.erase(begins[i], floor);
        else if (same_meaning(child, *child.origin))
            continue;
        else if (value.is == kind::mapping)
            edit_pair(child, column, floor);
        else if (child.is != kind::scalar)
            child.origin->flow ? flow_.edit(child) : edit_block(child, floor);
        else
            replace_scalar(child);
    }
    add_to_block(wanted, column, floor);
}

/// The one place that decides how a changed value is written, by its form before and after.
void block_editor::edit_pair(const draft& child, std::size_t column, std::size_t bound)
{
    const node& origin = *child.origin;
    if (origin.shared && (origin.flow || origin.is == kind::scalar)) return; // it would be lost
    const bool was_list = origin.is == kind::sequence;
    const bool was_empty = origin.is_null() || (was_list && origin.flow && origin.children == nullptr);
    const bool is_filled =
        child.is == kind::sequence && std::any_of(child.children.begin(), child.children.end(), is_new);
    const bool is_emptied = child.is == kind::sequence && origin.children != nullptr && child.is_empty();
    if (was_empty && is_filled && (origin.begin == node::nowhere || is_one_line(origin)))
        fill_list(child, column, bound);
    else if (child.is != origin.is ||
             (child.is == kind::scalar && origin.begin != node::nowhere && !is_one_line(origin)))
        replace_lines(child, column, bound);
    else if (child.is == kind::scalar)
        replace_scalar(child);
    else if (origin.flow)
        flow_.edit(child);
    else
        edit_block(child, bound);
    if (is_emptied && !origin.flow) empty_list(child);
}

void block_editor::add_to_block(const draft& wanted, std::size_t column, std::size_t at)
{
    secret_bytes text;
    emitter to(text, line_end_);
    for (const auto& child : wanted.children) {
        if (!is_new(child)) continue;
        if (wanted.is == kind::sequence) {
            to.put_item(child, column);
        } else if (wanted.origin == &root_ && child.is == kind::sequence) {
            to.indent(column);
            const std::string line = std::string(child.key).append(":").append(was_absent);
            text.insert(text.end(), line.begin(), line.end());
            text.insert(text.end(), line_end_.begin(), line_end_.end());
            to.put_items(child, column + dash_indent());
        } else {
            to.indent(column);
            to.put_pair(child, column);
        }
    }
    if (!text.empty()) changes_.insert(at, std::move(text));
}

void block_editor::replace_lines(const draft& child, std::size_t column, std::size_t bound)
{
    const auto before_value = text_.substr(colon_of(*child.origin), child.origin->begin - colon_of(*child.origin));
    if (child.origin->begin != node::nowhere && before_value.find('#') != text_.npos) return; // a comment would be lost
    secret_bytes text;
    emitter(text, line_end_).put_pair(child, column);
    changes_.replace(lines_.begin_of(child.origin->key_begin) + column, bound, std::move(text));
}

/// A missing value is written behind its colon.
void block_editor::replace_scalar(const draft& child)
{
    const node& origin = *child.origin;
    secret_bytes text;
    emitter(text, line_end_).put_scalar(child);
    if (is_one_line(origin)) return changes_.replace(origin.begin, origin.end, std::move(text));
    if (origin.begin != node::nowhere || origin.key_end == node::nowhere) return;
    text.insert(text.begin(), ' ');
    changes_.insert(colon_of(origin) + 1, std::move(text));
}

/// The first entries of a list that was empty: lines below its key, and below the comments that belong to that.
void block_editor::fill_list(const draft& child, std::size_t column, std::size_t bound)
{
    const node& origin = *child.origin;
    const std::size_t colon = colon_of(origin);
    if (origin.begin == node::nowhere)
        changes_.replace(colon + 1, colon + 1, was_nothing);
    else if (lines_.begin_of(colon) == lines_.begin_of(origin.begin) && lines_.rest_of_line(colon + 1) == " null")
        changes_.erase(colon + 1, origin.end);
    else
        changes_.replace(origin.begin, origin.begin, was);
    secret_bytes text;
    emitter(text, line_end_).put_items(child, column + dash_indent());
    changes_.insert(bound, std::move(text));
}

/// What stood in the place of the list before it was filled.
void block_editor::empty_list(const draft& child)
{
    const node& origin = *child.origin;
    const std::size_t colon = colon_of(origin) + 1;
    const auto rest = lines_.rest_of_line(colon);
    if (rest == was_absent) return changes_.erase(lines_.begin_of(origin.key_begin), lines_.end_of(colon));
    if (rest.starts_with(was_nothing) && is_blank(rest.substr(was_nothing.size())))
        return changes_.erase(colon, colon + was_nothing.size());
    const auto first = std::min(rest.find_first_not_of(" \t"), rest.size());
    const auto comment = rest.substr(first);
    if (first > 0 && comment.starts_with(was) && is_empty_value(comment.substr(was.size())))
        return changes_.erase(colon + first, colon + first + was.size());
    changes_.replace(colon, colon, " null");
}

}
