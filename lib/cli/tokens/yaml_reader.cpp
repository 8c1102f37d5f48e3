#include "cli/tokens/yaml_reader.hpp"

#include <doks/secret.hpp>

#include <algorithm>
#include <new>

namespace doks::cli {

namespace {

std::string_view scalar_text(const yaml_node_t& value)
{
    return {reinterpret_cast<const char*>(value.data.scalar.value), value.data.scalar.length};
}

}

yaml_reader::yaml_reader(std::string_view bytes)
{
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    load(bytes);
}

yaml_reader::~yaml_reader()
{
    for (yaml_node_t* each = document_.nodes.start; each != document_.nodes.top; ++each)
        if (each->type == YAML_SCALAR_NODE) wipe(each->data.scalar.value, each->data.scalar.length);
    wipe(parser_.buffer.start, static_cast<std::size_t>(parser_.buffer.end - parser_.buffer.start));
    wipe(parser_.raw_buffer.start, static_cast<std::size_t>(parser_.raw_buffer.end - parser_.raw_buffer.start));
    yaml_document_delete(&document_);
    yaml_parser_delete(&parser_);
}

void yaml_reader::load(std::string_view bytes)
{
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    yaml_document_t second{};
    const bool is_read = yaml_parser_load(&parser_, &document_) != 0;
    root_ = is_read ? yaml_document_get_root_node(&document_) : nullptr;
    const bool is_ended = is_read && (!root_ || yaml_parser_load(&parser_, &second) != 0);
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    if (parser_.error == YAML_READER_ERROR)
        fault_ = "it is not UTF-8";
    else if (!is_ended)
        fault_ = "not YAML: line " + std::to_string(parser_.problem_mark.line + 1);
    else if (root_ && yaml_document_get_root_node(&second))
        fault_ = "it holds more than one document";
    yaml_document_delete(&second);
}

std::optional<yaml_reader::mapping> yaml_reader::entries(node value)
{
    if (!value || value->type != YAML_MAPPING_NODE) return std::nullopt;
    mapping found;
    for (auto* pair = value->data.mapping.pairs.start; pair != value->data.mapping.pairs.top; ++pair) {
        const node key = yaml_document_get_node(&document_, pair->key);
        if (key->type != YAML_SCALAR_NODE) return std::nullopt;
        found.emplace_back(scalar_text(*key), yaml_document_get_node(&document_, pair->value));
    }
    std::vector<std::string_view> keys;
    for (const auto& [key, of] : found) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return std::nullopt;
    return found;
}

bool yaml_reader::is_null(node value)
{
    if (value->type != YAML_SCALAR_NODE || value->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
    const auto text = scalar_text(*value);
    return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

std::string_view yaml_reader::text(node value)
{
    const bool has_text = value && value->type == YAML_SCALAR_NODE && !is_null(value);
    return has_text ? scalar_text(*value) : std::string_view();
}

}
