#include "fuzz/other_yaml.hpp"

#include <yaml.h>

#include <new>

namespace doks::test {

namespace {

using yaml::node;

class other_document
{
public:
    explicit other_document(std::string_view bytes)
    {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        loaded_ = yaml_parser_load(&parser_, &document_) != 0;
        if (!loaded_) why_ = parser_.problem == nullptr ? "memory" : parser_.problem;
    }
    other_document(const other_document&) = delete;
    other_document& operator=(const other_document&) = delete;
    ~other_document()
    {
        if (loaded_) yaml_document_delete(&document_);
        yaml_parser_delete(&parser_);
    }

    bool loaded() const { return loaded_; }
    const std::string& why() const { return why_; }
    const yaml_node_t* root() { return yaml_document_get_root_node(&document_); }

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
    static std::string_view text_of(const yaml_node_t& node)
    {
        return {reinterpret_cast<const char*>(node.data.scalar.value), node.data.scalar.length};
    }
    std::string of_scalars(const yaml_node_t& theirs, const yaml::node& ours)
    {
        if (ours.is != yaml::node::kind::scalar) return "a scalar";
        if (text_of(theirs) != ours.text)
            return "the text '" + std::string(text_of(theirs)) + "', not '" + std::string(ours.text) + "'";
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
            if (auto why = difference(yaml_document_get_node(&document_, *item), *child); !why.empty()) return why;
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
            const auto* key = yaml_document_get_node(&document_, pair->key);
            if (key == nullptr || key->type != YAML_SCALAR_NODE || text_of(*key) != child->key) return "another key";
            if (auto why = difference(yaml_document_get_node(&document_, pair->value), *child); !why.empty())
                return why;
        }
        return child == nullptr ? "" : "fewer pairs";
    }

    yaml_parser_t parser_{};
    yaml_document_t document_{};
    bool loaded_ = false;
    std::string why_;
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
