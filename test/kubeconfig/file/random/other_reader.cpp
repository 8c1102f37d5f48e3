#include "kubeconfig/file/random/other_reader.hpp"

#include "fuzz/libyaml_document.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

// A second reader of kubeconfigs, by libyaml alone: it shares no line with the module that it checks.

namespace {

class loaded_document : public doks::test::libyaml_document
{
public:
    explicit loaded_document(std::string_view text)
        : libyaml_document(text)
    {
        if (!loaded()) throw std::runtime_error("libyaml: " + why());
    }

    const yaml_node_t* find(const yaml_node_t* mapping, std::string_view key)
    {
        if (mapping == nullptr || mapping->type != YAML_MAPPING_NODE) return nullptr;
        const auto& pairs = mapping->data.mapping.pairs;
        for (const auto* pair = pairs.start; pair != pairs.top; ++pair)
            if (text_of(node(pair->key)) == key) return node(pair->value);
        return nullptr;
    }

    std::string shown(const yaml_node_t* of)
    {
        if (of == nullptr) return "nothing";
        if (of->type == YAML_SCALAR_NODE)
            return (of->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? "plain " : "text ") + std::string(text_of(of));
        std::vector<std::string> parts;
        if (of->type == YAML_SEQUENCE_NODE) {
            const auto& items = of->data.sequence.items;
            for (const auto* item = items.start; item != items.top; ++item) parts.push_back(shown(node(*item)));
            return '[' + joined(parts) + ']';
        }
        const auto& pairs = of->data.mapping.pairs;
        for (const auto* pair = pairs.start; pair != pairs.top; ++pair)
            parts.push_back(std::string(text_of(node(pair->key))) + ": " + shown(node(pair->value)));
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
