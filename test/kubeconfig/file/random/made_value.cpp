#include "kubeconfig/file/random/made_value.hpp"

// Random YAML values in random styles, to be put below unknown keys.

namespace {

/// Neither a number nor a truth value nor null, whatever reads it.
bool is_plain(const std::string& text)
{
    constexpr auto safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
    return text.find_first_of("kmoprsuvw") == 0 && text.find_first_not_of(safe) == text.npos;
}

bool is_typed(const std::string& text) { return text == "null" || text == "true"; }

/// What comes behind a key or a dash, and its line end.
std::string behind(const made_value& of, const std::string& indent)
{
    if (of.is_scalar())
        return ' ' + (is_typed(of.text) || is_plain(of.text) ? of.text : in_double_quotes(of.text)) + '\n';
    return '\n' + in_lines(of, indent);
}

}

made_value scalar(std::string text) { return {std::move(text), {}, {}}; }

made_value mapping(std::vector<std::pair<std::string, made_value>> of) { return {{}, std::move(of), {}}; }

made_value list_of(const std::vector<std::string>& texts)
{
    made_value all;
    for (const auto& each : texts) all.items.push_back(scalar(each));
    return all;
}

std::string in_double_quotes(const std::string& text)
{
    std::string all = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') all += '\\';
        all += c;
    }
    return all + '"';
}

std::string in_brackets(const made_value& of)
{
    if (of.is_scalar()) return is_typed(of.text) ? of.text : in_double_quotes(of.text);
    std::string all;
    for (const auto& [key, value] : of.pairs)
        all += (all.empty() ? "" : ", ") + in_double_quotes(key) + ": " + in_brackets(value);
    for (const auto& item : of.items) all += (all.empty() ? "" : ", ") + in_brackets(item);
    return of.items.empty() ? '{' + all + '}' : '[' + all + ']';
}

std::string in_lines(const made_value& of, const std::string& indent)
{
    std::string all;
    for (const auto& [key, value] : of.pairs) all += indent + key + ':' + behind(value, indent + "  ");
    for (const auto& item : of.items)
        all += item.is_scalar() ? indent + '-' + behind(item, indent) : indent + "- " + in_brackets(item) + '\n';
    return all;
}
