#pragma once

#include "yaml/document.hpp"

#include <string>
#include <string_view>

namespace doks::test {

/// What libyaml itself makes of bytes that doks accepted.
enum class other_reading
{
    same,
    refused,
    different
};

/** Compares the first document of these bytes, node by node.

    Shape: the same are scalars of the same text, sequences of the same items, mappings of the same keys and values in the
    same order. `why` says what differs, or why libyaml refuses it.
*/
other_reading read_otherwise(std::string_view bytes, const yaml::node& root, std::string& why);

}
