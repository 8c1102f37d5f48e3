#pragma once

#include <boost/system/error_code.hpp>

#include <span>
#include <string>
#include <string_view>

namespace doks::test {

/// What the server does behind a response's bytes.
enum class ending
{
    stays,
    closes,
    breaks
};

/// What becomes of a response, and of its connection.
enum class verdict
{
    kept,           ///< delivered, and the connection carries the next request
    used_up,        ///< delivered, and the connection is not used again
    goes_on,        ///< a client refuses it, for bytes behind the length are at hand; its parser cannot know
    status_kept,    ///< an error by its status; the connection carries the next request
    status_used_up, ///< an error by its status; the connection is not used again
    redirected,     ///< refused as a redirect; the connection carries the next request
    malformed,      ///< the rest: refused, and the connection is not used again
    header_too_large,
    body_too_large,
    content_encoded,
    truncated,
    waits ///< neither complete nor refused: the response's time runs out
};

constexpr bool keeps(verdict what) noexcept
{
    return what == verdict::kept || what == verdict::status_kept || what == verdict::redirected;
}
constexpr bool delivers(verdict what) noexcept { return what == verdict::kept || what == verdict::used_up; }
constexpr bool is_answer(verdict what) noexcept
{
    return delivers(what) || what == verdict::status_kept || what == verdict::status_used_up ||
           what == verdict::redirected;
}
/// A refusal in pieces may come later, or for another reason, but a response is one in any pieces.
constexpr bool as_good(verdict expected, verdict got, bool in_pieces) noexcept
{
    if (expected == verdict::goes_on) return got == verdict::truncated || got == verdict::used_up;
    if (is_answer(expected) || is_answer(got)) return expected == got;
    return expected == got || in_pieces || expected == verdict::waits;
}
std::string_view to_string(verdict what) noexcept;
/// Of a response with this status; `again`: its connection may be used again.
verdict verdict_of(unsigned status, bool again) noexcept;
/// Of a refusal.
verdict verdict_of(const boost::system::error_code& cause) noexcept;

/** One way in which a server can frame, or misframe, a response.

    Shape: `text` has placeholders in braces. H: status line. L: Content-Length. T: chunked. N, X: the body's length,
    decimal and hexadecimal. B: the body. E: empty line and body. C: the body as one chunk. Z: the last chunk. S: another
    whole response, with the body of another one. R and r: 40,000 bytes in one line, and in lines of their own.
*/
struct framing_vector
{
    std::string_view name;
    std::string_view text;
    verdict what = verdict::malformed;
    ending end = ending::stays;
};

std::span<const framing_vector> head_vectors();
std::span<const framing_vector> length_vectors();
std::span<const framing_vector> body_vectors();

/// The bytes of a vector, for the response's body and for another response's.
std::string spelled_out(const framing_vector& which, std::string_view body, std::string_view foreign);

/// What a reader made of a response's bytes.
struct reading
{
    verdict what = verdict::waits;
    std::string body;
    std::size_t behind = 0; ///< bytes that were not the response's
};

/// The library's own reader, given at most `piece` bytes at a time.
reading read_with_doks(std::string_view bytes, ending end, std::size_t piece);
/// Stock Beast: `http::response_parser`, which reads over interim responses.
reading read_with_beast(std::string_view bytes, ending end);

}
