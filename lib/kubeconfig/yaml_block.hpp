#pragma once

#include "kubeconfig/yaml_document.hpp"

#include <doks/secret.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <string_view>

namespace doks::kube {

/** The text of a value in the form `|` or `>`.

    Shape: `header` begins behind the key or the dash, `block` are the lines that libfyaml counts to the text, and
    `parent` is the column of the collection. It ends with its last line that is not blank, and with a line end unless
    the header says `-`; where that says `+`, with the blank lines too.
    Errors: where the first lines tell its indentation in two ways; a folded text with blank or deeper lines.
    Source: libfyaml 0.7.12 leaves out lines of such a text and puts bytes from elsewhere in memory in.
*/
boost::system::result<secret_bytes, refusal> block_text(
    std::string_view header, std::string_view block, std::size_t parent);

}
