#pragma once

#include "kubeconfig/screen.hpp"

#include <doks/secret.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace doks::kube {

/// Why bytes are no kubeconfig, for a person; it never quotes a value.
struct refusal
{
    std::string reason;
};

/** One value of a YAML document.

    Shape: `children` is the first of its children, linked through `next`; a child of a mapping bears its `key`. `text`
    is a scalar's, and lives as long as its document and the bytes that were parsed.
*/
struct yaml_node
{
    enum class kind
    {
        scalar,
        mapping,
        sequence
    };

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    kind is = kind::scalar;
    bool plain = false; ///< a scalar without quotes
    bool flow = false;  ///< in brackets, as JSON has them
    std::string_view key{};
    std::string_view text{};
    const yaml_node* children = nullptr;
    const yaml_node* next = nullptr;
    // Offsets in the bytes, quotes and brackets included. A collection without brackets begins at its first key or
    // dash, and has no end; a value that is not there has neither.
    std::size_t begin = nowhere;
    std::size_t end = nowhere;
    std::size_t key_begin = nowhere;
    std::size_t key_end = nowhere;

    const yaml_node* find(std::string_view name) const noexcept;
    bool is_null() const noexcept;
};

/// How much of a document is looked at.
struct document_limits
{
    std::size_t bytes = largest_kubeconfig;
    std::size_t values = 4096;
};

/** A YAML or JSON text as far as a kubeconfig needs YAML.

    Shape: it refers to the bytes it was made from, which have to outlive it. Scalars that are not in the bytes as they
    read (escapes, folded lines) are copied into memory that is wiped.
    Errors: refuses what no kubeconfig needs and what has harmed parsers: anchors, aliases, tags, merge keys, directives,
    several documents, keys that are not text, duplicate keys, texts of more than 1 MiB, more than 32 levels, more
    values than the limit; and what kubectl's parser would read otherwise: lines that do not stand below the
    key of their text, `?` within brackets.
    Cost: about 10 ns a byte.
*/
class yaml_document
{
public:
    static boost::system::result<yaml_document, refusal> parse(std::string_view bytes, document_limits limits = {});

    const yaml_node& root() const noexcept { return nodes_.front(); }

private:
    friend class yaml_builder;

    std::deque<yaml_node> nodes_;
    std::deque<secret_bytes> rewritten_;
};

}
