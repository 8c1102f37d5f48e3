#pragma once

#include <yaml.h>

#include <new>
#include <string>
#include <string_view>

namespace doks::test {

/// The first document of these bytes as libyaml reads it, which shares no line with lib/yaml.
class libyaml_document
{
public:
    explicit libyaml_document(std::string_view bytes)
    {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        loaded_ = yaml_parser_load(&parser_, &document_) != 0;
        if (!loaded_) why_ = parser_.problem == nullptr ? "memory" : parser_.problem;
    }
    libyaml_document(const libyaml_document&) = delete;
    libyaml_document& operator=(const libyaml_document&) = delete;
    ~libyaml_document()
    {
        if (loaded_) yaml_document_delete(&document_);
        yaml_parser_delete(&parser_);
    }

    bool loaded() const { return loaded_; }
    /// Why libyaml refuses the bytes.
    const std::string& why() const { return why_; }
    const yaml_node_t* root() { return yaml_document_get_root_node(&document_); }
    const yaml_node_t* node(int number) { return yaml_document_get_node(&document_, number); }

    /// Empty where the node is no scalar.
    static std::string_view text_of(const yaml_node_t* scalar)
    {
        if (scalar == nullptr || scalar->type != YAML_SCALAR_NODE) return {};
        return {reinterpret_cast<const char*>(scalar->data.scalar.value), scalar->data.scalar.length};
    }

private:
    yaml_parser_t parser_{};
    yaml_document_t document_{};
    bool loaded_ = false;
    std::string why_;
};

}
