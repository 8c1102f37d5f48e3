#pragma once

#include <doks/secret.hpp>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace doks::yaml {

/** A text in which one character replaces each long word: what libyaml reads instead of the text.

    libyaml does not wipe its memory, so it must not see the long words of a secret; and it takes longer over a word than over all the rest,
    for it looks at each character several times. It has the same structure: YAML looks into words only where they are
    the name of an anchor, an alias, a tag or a directive, or part of an escape, and those are left as they are.

    Refers to the text. No escape in the text means that character; if there is none such, nothing is
    masked. A word has letters, digits and the other characters of base64, eight or more of them.
    Cost: one pass over the text.
*/
class masked_text
{
public:
    explicit masked_text(std::string_view text);

    std::string_view view() const noexcept { return {masked_.data(), masked_.size()}; }

    /// Where a byte of the masked text is in the text.
    std::size_t offset_of(std::size_t masked) const noexcept;

    /** The value that libyaml read from the bytes [begin, end) of the masked text, with its words.

        Nothing if there are other words between, which only a comment can have.
    */
    std::optional<secret_bytes> restore(std::string_view value, std::size_t begin, std::size_t end) const;

private:
    struct word
    {
        std::size_t masked;
        std::size_t begin;
        std::size_t end;
    };

    std::vector<word>::const_iterator first_from(std::size_t masked) const noexcept;

    std::string_view text_;
    char mask_ = '\0'; ///< none: the text is as it is
    secret_bytes masked_;
    std::vector<word> words_;
};

}
