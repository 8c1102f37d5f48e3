#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace doks::test {

/// A response as RFC 9112 frames it.
struct framed_answer
{
    unsigned status = 0;
    std::string body;
    std::size_t size = 0; ///< with its header, interim responses and trailers
};

/** Reads one response to a GET, slowly and strictly, with all of its bytes at hand. It shares no code with the library.

    Shape: nothing where the bytes are no complete response or may be read in two ways. `closes`: no more bytes follow, and
    the peer said so.
*/
std::optional<framed_answer> read_by_reference(std::string_view bytes, bool closes);

}
