#pragma once

#include "core/http/framing.hpp"
#include "core/http/response_headers.hpp"

#include <doks/secret.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace doks::net {

/// A complete response. The body is the caller's to take.
struct response
{
    unsigned status = 0;
    std::string request_id;
    secret_bytes body;
    core::response_hints hints;
};

/** Reads one response to a GET from bytes as they arrive. It is stricter than Beast: a client that reuses connections must
    agree with the server about where each response ends.

    `feed` says how many of the bytes belong to the response. Interim responses (1xx) are skipped, five at most. Header, chunk
    extensions and trailers may have 32 KiB together, the body as many bytes as given. A folded line is refused; a trailer is
    skipped. Errors: malformed_response, header_too_large, body_too_large, content_encoded, truncated.
*/
class response_reader
{
public:
    static constexpr std::size_t header_limit = std::size_t(32) * 1024;

    response_reader();
    ~response_reader();

    /// Begins another response, with a body of `body_limit` bytes at most.
    void restart(std::size_t body_limit);
    /// Begins a response that ends with its header, whatever that says: a proxy's to CONNECT.
    void expect_header_only();

    struct taken
    {
        std::size_t bytes = 0;
        boost::system::error_code error;
    };
    taken feed(std::string_view bytes);
    /// No more bytes come; `clean` if the peer closed in good order. Returns an error unless the response is complete now.
    boost::system::error_code end(bool clean);

    bool started() const noexcept;
    bool complete() const noexcept;
    unsigned status() const noexcept;
    /// The connection may be used again, as far as the response says.
    bool keeps_alive() const noexcept;
    /// The header stated the length of the body.
    bool has_length() const noexcept;
    /// Once complete; `now` is the local wall clock.
    response take(core::wall_time now);

private:
    class parser;
    struct place;
    void expect_next();
    std::unique_ptr<place> place_; ///< memory of the current parser, used again for the next one
    parser* parser_ = nullptr;
    std::size_t body_limit_ = 0;
    bool header_only_ = false;
    unsigned interim_ = 0;
    bool started_ = false;
};

}
