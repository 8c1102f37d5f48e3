#include "kubeconfig/file/random/other_reader.hpp"

#include <yaml.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <vector>

// A second reader of kubeconfigs, by libyaml alone: it shares no line with the module that it checks.

namespace {

class loaded_document
{
public:
    explicit loaded_document(std::string_view text)
    {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        if (yaml_parser_load(&parser_, &document_) != 0) return;
        const std::string why = parser_.problem == nullptr ? "memory" : parser_.problem;
        yaml_parser_delete(&parser_);
        throw std::runtime_error("libyaml: " + why);
    }
    loaded_document(const loaded_document&) = delete;
    loaded_document& operator=(const loaded_document&) = delete;
    ~loaded_document()
    {
        yaml_document_delete(&document_);
        yaml_parser_delete(&parser_);
    }

    const yaml_node_t* root() { return yaml_document_get_root_node(&document_); }
    const yaml_node_t* node(int number) { return yaml_document_get_node(&document_, number); }

    const yaml_node_t* find(const yaml_node_t* mapping, std::string_view key)
    {
        if (mapping == nullptr || mapping->type != YAML_MAPPING_NODE) return nullptr;
        const auto& pairs = mapping->data.mapping.pairs;
        for (const auto* pair = pairs.start; pair != pairs.top; ++pair)
            if (text_of(node(pair->key)) == key) return node(pair->value);
        return nullptr;
    }

    static std::string text_of(const yaml_node_t* scalar)
    {
        if (scalar == nullptr || scalar->type != YAML_SCALAR_NODE) return {};
        return {reinterpret_cast<const char*>(scalar->data.scalar.value), scalar->data.scalar.length};
    }

    std::string shown(const yaml_node_t* of)
    {
        if (of == nullptr) return "nothing";
        if (of->type == YAML_SCALAR_NODE)
            return (of->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? "plain " : "text ") + text_of(of);
        std::vector<std::string> parts;
        if (of->type == YAML_SEQUENCE_NODE) {
            const auto& items = of->data.sequence.items;
            for (const auto* item = items.start; item != items.top; ++item) parts.push_back(shown(node(*item)));
            return '[' + joined(parts) + ']';
        }
        const auto& pairs = of->data.mapping.pairs;
        for (const auto* pair = pairs.start; pair != pairs.top; ++pair)
            parts.push_back(text_of(node(pair->key)) + ": " + shown(node(pair->value)));
        std::sort(parts.begin(), parts.end());
        return '{' + joined(parts) + '}';
    }

private:
    static std::string joined(const std::vector<std::string>& parts)
    {
        std::string all;
        for (const auto& part : parts) all += part + ", ";
        return all;
    }

    yaml_parser_t parser_{};
    yaml_document_t document_{};
};

std::map<std::string, std::string> entries_of(loaded_document& document, std::string_view list)
{
    std::map<std::string, std::string> all;
    const auto* found = document.find(document.root(), list);
    if (found == nullptr || found->type != YAML_SEQUENCE_NODE) return all;
    const auto& items = found->data.sequence.items;
    for (const auto* item = items.start; item != items.top; ++item) {
        const auto* entry = document.node(*item);
        all.emplace(loaded_document::text_of(document.find(entry, "name")), document.shown(entry));
    }
    return all;
}

}

other_reading_of_config read_by_libyaml(std::string_view text)
{
    loaded_document document(text);
    other_reading_of_config all;
    all.clusters = entries_of(document, "clusters");
    all.contexts = entries_of(document, "contexts");
    all.users = entries_of(document, "users");
    all.current_context = loaded_document::text_of(document.find(document.root(), "current-context"));
    return all;
}
