#pragma once

#include "yaml/draft.hpp"

#include <doks/secret.hpp>

#include <boost/system/result.hpp>

#include <string_view>

namespace doks::yaml {

/** The text of a document that says what `wanted` says, with as few changes of the bytes as that takes.

    `text` is what `document` was made of, its last line ended; `wanted` comes from its root. Lines whose values
    stay are not touched, nor is what is no value: comments, blank lines, quotes, order, line ends.
    - What is put in stands behind the last one of its list or mapping, in the style of that: lines as kubectl writes
      them, or JSON.
    - What is taken out goes with its lines. A comment below it that is indented deeper than it belongs to it; every
      other one stays, those above it included.
    - A list that is empty (`null`, `[]`, nothing, not there) becomes one of lines. What stood there before is kept as a
      comment, `# was []`, unless it was `null` as kubectl writes it, and comes back when the list is empty again. In
      JSON, which has no comments, `[]` stays behind.
    Errors: an error where the form does not allow it. The text has been parsed again, and says what `wanted` says.
    Cost: as much as parsing twice.
*/
boost::system::result<secret_bytes, parse_error> edited(
    std::string_view text, const document& document, const draft& wanted, limits limits);

}
