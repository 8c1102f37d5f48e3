#pragma once

#include "yaml/draft.hpp"

#include <doks/secret.hpp>

#include <cstddef>
#include <string_view>

namespace doks::yaml {

/** Writes values that a document does not hold yet, in the form in which kubectl writes them.

    Block style takes whole lines with the line end given; flow style is JSON.
*/
class emitter
{
public:
    emitter(secret_bytes& to, std::string_view line_end)
        : to_(to)
        , line_end_(line_end)
    {}

    void indent(std::size_t column) { to_.insert(to_.end(), column, ' '); }
    /// `key: value`, its lines but the first indented by `column`.
    void put_pair(const draft& value, std::size_t column);
    /// `- value`
    void put_item(const draft& value, std::size_t column);
    void put_items(const draft& list, std::size_t column);
    /// A scalar of a block collection, without its line end.
    void put_scalar(const draft& value);

    void put_flow(const draft& value);
    void put_flow_pair(const draft& value);

private:
    void put(std::string_view text) { to_.insert(to_.end(), text.begin(), text.end()); }
    /// Null, and what means something else in quotes; false for anything else.
    bool put_plain(const draft& value);
    void put_value(const draft& value, std::size_t column);
    void put_children(const draft& mapping, std::size_t column, bool is_indented);

    secret_bytes& to_;
    std::string_view line_end_;
};

}
