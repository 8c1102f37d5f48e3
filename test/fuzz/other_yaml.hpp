#pragma once

#include "kubeconfig/yaml_document.hpp"

#include <string>
#include <string_view>

namespace doks::test {

/// What libyaml, whose algorithm kubectl's parser has too, makes of bytes that doks accepted.
enum class other_reading
{
    same,
    refused, ///< kubectl does not use it either
    /** A difference that is known.

        Where a text in the form `|` or `>` ends in blank lines, or the file without a line end, libfyaml gives it a line
        end more or less than libyaml. And YAML 1.1, which libyaml reads, takes U+2028 and U+2029 for line ends.
    */
    known,
    different
};

/** Compares the first document of these bytes, node by node.

    Shape: the same are scalars of the same text, sequences of the same items, mappings of the same keys and values in the
    same order. `why` says what differs, or why libyaml refuses it.
*/
other_reading read_otherwise(std::string_view bytes, const kube::yaml_node& root, std::string& why);

}
