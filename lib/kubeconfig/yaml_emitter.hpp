#pragma once

#include "kubeconfig/yaml_draft.hpp"

#include <doks/secret.hpp>

#include <cstddef>
#include <string_view>

namespace doks::kube {

/** Writes values that a document does not hold yet, in the form in which kubectl writes them.

    Shape: block style takes whole lines with the line end given; flow style is JSON.
*/
class yaml_emitter
{
public:
    yaml_emitter(secret_bytes& to, std::string_view line_end)
        : to_(to)
        , line_end_(line_end)
    {}

    /// `key: value`, its lines indented by `column`.
    void put_pair(const yaml_draft& value, std::size_t column);
    /// `- value`
    void put_item(const yaml_draft& value, std::size_t column);
    void put_items(const yaml_draft& list, std::size_t column);
    /// A scalar of a block collection, without its line end.
    void put_scalar(const yaml_draft& value);

    void put_flow(const yaml_draft& value);
    void put_flow_pair(const yaml_draft& value);

private:
    void put(std::string_view text) { to_.insert(to_.end(), text.begin(), text.end()); }
    void put_value(const yaml_draft& value, std::size_t column);
    void put_children(const yaml_draft& mapping, std::size_t column, bool first_is_indented);

    secret_bytes& to_;
    std::string_view line_end_;
};

}
