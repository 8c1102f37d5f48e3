#pragma once

#include <doks/failure.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doks::core {

/// What stands behind the length of a body goes on with it: it is neither another response nor blank.
bool is_rest_of_body(std::string_view behind) noexcept;
/// As the API's errors are; a gateway answers with a page for people.
bool is_json_object(std::string_view body) noexcept;

/** Reads the header fields that decide where a response ends, and refuses every ambiguity.

    Feed it each field as received, then ask. A response is framed by exactly one Content-Length, by
    `Transfer-Encoding: chunked` alone, or by having no body at all; one that ends with its connection is taken on a
    closing connection only.
    @see RFC 9112 §6. Beast before 1.92 takes `Transfer-Encoding: gzip` with a Content-Length and frames by the length.
*/
class framing
{
public:
    void field(std::string_view name, std::string_view value);

    /// `minor` is HTTP/1's minor version. Clear where the framing is sound.
    boost::system::error_code judge(unsigned status, unsigned minor) const;

    /// The connection may carry another request once this response is complete. Only asked after `judge` was clear.
    bool keeps_alive(unsigned minor) const noexcept;
    /// The body ends where the connection does.
    bool ends_with_connection(unsigned status) const noexcept;
    /// The body's length where the header states it.
    std::optional<std::uint64_t> length() const noexcept { return length_; }

private:
    void connection_options(std::string_view list);

    std::optional<std::uint64_t> length_;
    unsigned lengths_ = 0;
    unsigned encodings_ = 0;
    bool chunked_ = false;
    bool malformed_ = false;
    bool content_encoded_ = false;
    bool close_ = false;
};

/// Fields that say where a response ends, and so have no place behind it.
bool is_framing(std::string_view name) noexcept;

/// No response to a GET has a body with these: 1xx, 204, 304.
bool is_bodiless(unsigned status) noexcept;

}
