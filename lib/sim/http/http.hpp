#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::sim {

using name_values = std::vector<std::pair<std::string, std::string>>;

/** One HTTP/1 request, parsed. */
struct http_request
{
    std::string method{};
    std::string target{};                ///< As it was sent.
    std::vector<std::string> segments{}; ///< Of the path, percent-decoded.
    name_values query{};                 ///< Percent-decoded.
    name_values headers{};               ///< Names in lower case.
    std::string body{};
    bool keep_alive = true;

    /** The header's value, empty without one; the name in lower case. */
    std::string_view header(std::string_view name) const;

    /** The query parameter's value, if there is one. */
    std::optional<std::string> parameter(std::string_view name) const;

    /** What follows `Bearer ` in the Authorization header; empty without one. */
    std::string_view bearer() const;
};

/** The state of a request that is being received. */
enum class parsing
{
    complete,   ///< A whole request; bytes behind it belong to the next one.
    incomplete, ///< More bytes have to come.
    broken      ///< No HTTP/1 request: 400, and the connection is closed.
};

/** Parses the first request of the received bytes; `consumed` is its length when it is complete. */
parsing parse_request(std::string_view received, http_request& request, std::size_t& consumed);

/** One HTTP response, not yet on the wire. */
struct http_response
{
    unsigned status = 200;
    std::string content_type = "application/json";
    name_values headers{};
    std::string body{};
};

/** How a response is put on the wire. */
struct framing
{
    bool chunked = false;
    bool close = false;
};

std::string serialise(const http_response& response, framing framing);

}
