#pragma once

#include "yaml/parse_error.hpp"

#include <doks/secret.hpp>

#include <boost/system/result.hpp>

#include <cstddef>
#include <deque>
#include <string_view>

namespace doks::yaml {

/** One value of a YAML document.

    `children` is the first child; `next` links it to its siblings. A child of a mapping has a `key`. `text` is the
    text of a scalar and lives as long as its document and the bytes that were parsed. An alias has the content of the value
    that it names, and the offsets of the alias.
*/
struct node
{
    enum class kind
    {
        scalar,
        mapping,
        sequence
    };

    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    kind is = kind::scalar;
    bool plain = false;  ///< a scalar without quotes, not a block scalar
    bool flow = false;   ///< in brackets, as JSON has them
    bool shared = false; ///< it has an anchor, or is an alias
    std::string_view key{};
    std::string_view text{};
    const node* children = nullptr;
    const node* next = nullptr;
    // Offsets in the bytes, including quotes, brackets, and the anchor of a scalar or a flow collection. A block collection begins at its first key or dash and
    // has no end. A missing value has neither.
    std::size_t begin = nowhere;
    std::size_t end = nowhere;
    std::size_t key_begin = nowhere;
    std::size_t key_end = nowhere;

    const node* find(std::string_view name) const noexcept;
    /// What a scalar under this key says; empty for null, for anything else, and where there is none.
    std::string_view text_at(std::string_view name) const noexcept;
    bool is_null() const noexcept;
    /// The last value in it, or itself.
    const node& last() const noexcept;
};

/// The largest document that is parsed.
struct limits
{
    std::size_t bytes = std::size_t(1) << 20;
    std::size_t values = 4096; ///< the values that aliases repeat included
};

/** A YAML or JSON text, and where in its bytes each value is.

    It refers to the bytes that it was made from, which must outlive it. The bytes are UTF-8; a byte order mark at
    their beginning is skipped. Without a value the root is null. A scalar whose text is not in the bytes as it reads (escapes, folded lines) is copied into
    memory that is wiped.
    Errors: refuses what libyaml refuses, and what follows the first document, tags, merge keys, keys that are not text, the same key
    twice, more than 256 levels, and more bytes or values than the limits.
    Cost: some 10 ns a byte of a kubeconfig, whose long words cost next to nothing.
*/
class document
{
public:
    static boost::system::result<document, parse_error> parse(std::string_view bytes, limits limits = {});

    const node& root() const noexcept { return nodes_.front(); }

private:
    friend class builder;

    std::deque<node> nodes_;
    std::deque<secret_bytes> rewritten_;
};

}
