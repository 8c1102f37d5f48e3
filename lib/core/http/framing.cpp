#include "core/http/framing.hpp"

#include "core/http/response_headers.hpp"

namespace doks::core {

namespace {

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}

bool is_rest_of_body(std::string_view behind) noexcept
{
    constexpr std::string_view next_answer = "HTTP/";
    const bool is_answer = behind.substr(0, next_answer.size()) == next_answer.substr(0, behind.size());
    return !is_answer && behind.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

bool is_json_object(std::string_view body) noexcept
{
    const auto first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '{';
}

bool is_framing(std::string_view name) noexcept
{
    return same_name(name, "content-length") || same_name(name, "transfer-encoding");
}

bool is_bodiless(unsigned status) noexcept { return status < 200 || status == 204 || status == 304; }

void framing::field(std::string_view name, std::string_view value)
{
    for (char c : value)
        if (c == '\0' || c == '\r' || c == '\n') malformed_ = true;
    if (same_name(name, "content-length")) {
        ++lengths_;
        length_ = parse_count(value);
        malformed_ = malformed_ || !length_;
    } else if (same_name(name, "transfer-encoding")) {
        ++encodings_;
        chunked_ = same_name(trimmed(value), "chunked");
    } else if (same_name(name, "connection")) {
        connection_options(value);
    } else if (same_name(name, "content-encoding")) {
        content_encoded_ = content_encoded_ || !same_name(trimmed(value), "identity");
    }
}

void framing::connection_options(std::string_view list)
{
    while (!list.empty()) {
        const auto comma = list.find(',');
        close_ = close_ || same_name(trimmed(list.substr(0, comma)), "close");
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
}

boost::system::error_code framing::judge(unsigned status, unsigned minor) const
{
    const bool both = lengths_ != 0 && encodings_ != 0;
    const bool encoding_unknown = encodings_ > 1 || (encodings_ == 1 && !chunked_);
    const bool chunks_before_1_1 = encodings_ != 0 && minor == 0;
    const bool body_where_none_may_be =
        status != 304 && is_bodiless(status) && (encodings_ != 0 || length_.value_or(0) != 0);
    if (malformed_ || both || lengths_ > 1 || encoding_unknown || chunks_before_1_1 || body_where_none_may_be)
        return errc::malformed_response;
    if (status < 100 || status > 599) return errc::malformed_response;
    if (content_encoded_) return errc::content_encoded;
    return {};
}

bool framing::ends_with_connection(unsigned status) const noexcept
{
    return !is_bodiless(status) && lengths_ == 0 && encodings_ == 0;
}

bool framing::keeps_alive(unsigned minor) const noexcept { return minor >= 1 && !close_; }

}
