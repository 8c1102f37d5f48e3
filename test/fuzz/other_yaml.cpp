#include "fuzz/other_yaml.hpp"

#include "fuzz/libyaml_document.hpp"

// libyaml's tree of a document against lib/yaml's, node by node.

namespace doks::test {

namespace {

/// A document that can say where it differs from lib/yaml's tree.
class other_document : public libyaml_document
{
public:
    using libyaml_document::libyaml_document;

    std::string difference(const yaml_node_t* theirs, const yaml::node& ours)
    {
        if (theirs == nullptr) return ours.is_null() ? "" : "there is no value";
        switch (theirs->type) {
        case YAML_SCALAR_NODE:
            return of_scalars(*theirs, ours);
        case YAML_SEQUENCE_NODE:
            return of_sequences(*theirs, ours);
        case YAML_MAPPING_NODE:
            return of_mappings(*theirs, ours);
        default:
            return "there is no value";
        }
    }

private:
    std::string of_scalars(const yaml_node_t& theirs, const yaml::node& ours)
    {
        if (ours.is != yaml::node::kind::scalar) return "a scalar";
        if (text_of(&theirs) != ours.text)
            return "the text '" + std::string(text_of(&theirs)) + "', not '" + std::string(ours.text) + "'";
        const bool plain = theirs.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        return plain == ours.plain ? "" : "quotes";
    }
    std::string of_sequences(const yaml_node_t& theirs, const yaml::node& ours)
    {
        if (ours.is != yaml::node::kind::sequence) return "a sequence";
        const yaml::node* child = ours.children;
        const auto& items = theirs.data.sequence.items;
        for (const auto* item = items.start; item != items.top; ++item, child = child->next) {
            if (child == nullptr) return "more items";
            if (auto why = difference(node(*item), *child); !why.empty()) return why;
        }
        return child == nullptr ? "" : "fewer items";
    }
    std::string of_mappings(const yaml_node_t& theirs, const yaml::node& ours)
    {
        if (ours.is != yaml::node::kind::mapping) return "a mapping";
        const yaml::node* child = ours.children;
        const auto& pairs = theirs.data.mapping.pairs;
        for (const auto* pair = pairs.start; pair != pairs.top; ++pair, child = child->next) {
            if (child == nullptr) return "more pairs";
            const auto* key = node(pair->key);
            if (key == nullptr || key->type != YAML_SCALAR_NODE || text_of(key) != child->key) return "another key";
            if (auto why = difference(node(pair->value), *child); !why.empty()) return why;
        }
        return child == nullptr ? "" : "fewer pairs";
    }
};

}

other_reading read_otherwise(std::string_view bytes, const yaml::node& root, std::string& why)
{
    other_document other(bytes);
    if (!other.loaded()) {
        why = other.why();
        return other_reading::refused;
    }
    why = other.difference(other.root(), root);
    return why.empty() ? other_reading::same : other_reading::different;
}
}
