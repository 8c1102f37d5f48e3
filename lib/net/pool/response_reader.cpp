#include "net/pool/response_reader.hpp"

#include "core/secret_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace doks::net {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

/// Beast's parser; every field passes our framing check as it was received.
class response_reader::parser final : public http::basic_parser<false>
{
public:
    explicit parser(std::size_t max_body)
        : max_body_(max_body)
    {
        eager(true);
        header_limit(header_limit_of_beast);
        body_limit(max_body);
    }

    static constexpr std::uint32_t header_limit_of_beast = response_reader::header_limit;

    /// The bytes that are parsed next. A view by Beast that lies outside of them was copied, so its line was folded.
    std::string_view input;
    core::framing framing;
    core::hint_collector hints;
    std::string request_id;
    secret_bytes body;
    unsigned status = 0;
    unsigned minor = 0;
    bool framing_matters = true;

private:
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int version, error_code&) override
    {
        status = static_cast<unsigned>(code);
        minor = static_cast<unsigned>(version % 10);
    }
    void on_field_impl(http::field, string_view name, string_view value, error_code& failed) override
    {
        take_field({name.data(), name.size()}, {value.data(), value.size()}, failed);
    }
    /// Pure in newer Boost; 1.81 lacks it and calls on_field_impl for trailers. So without `override`.
    void on_trailer_field_impl(http::field, string_view name, string_view value, error_code& failed)
    {
        take_field({name.data(), name.size()}, {value.data(), value.size()}, failed);
    }
    void on_header_impl(error_code& failed) override
    {
        judged_ = true;
        if (!framing_matters) return;
        failed = framing.judge(status, minor);
        if (!failed && framing.length().value_or(0) > max_body_) failed = errc::body_too_large;
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override
    {
        if (length) body.reserve(static_cast<std::size_t>((std::min<std::uint64_t>)(*length, max_body_)));
    }
    std::size_t on_body_impl(string_view bytes, error_code& failed) override { return append(bytes, failed); }
    void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& failed) override
    {
        const auto is_control = [](char c) {
            return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
        };
        // Within quotes Beast takes any byte, a line feed too.
        if (std::any_of(extensions.begin(), extensions.end(), is_control)) failed = errc::malformed_response;
        count(extensions.size(), failed);
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& failed) override
    {
        return append(bytes, failed);
    }
    void on_finish_impl(error_code&) override {}

    void take_field(std::string_view name, std::string_view value, error_code& failed)
    {
        const bool trailer = judged_;
        framing.field(name, value);
        if (is_folded(name, value) || (trailer && core::is_framing(name)))
            failed = errc::malformed_response;
        else if (++fields_ > max_fields)
            failed = errc::header_too_large;
        else
            count(name.size() + value.size() + 4, failed);
        if (!trailer) note(name, value);
    }
    /// Beast unfolds a line into a buffer of its own, or skips the line end in front of the value (RFC 9112 §5.2).
    bool is_folded(std::string_view name, std::string_view value) const
    {
        const char* const behind = name.data() + name.size();
        const std::less<> before;
        if (before(value.data(), behind) || before(input.data() + input.size(), value.data())) return true;
        return std::find(behind, value.data(), '\n') != value.data();
    }
    /// Of the header only: a trailer comes too late to say something of the response (RFC 9110 §6.5.1).
    void note(std::string_view name, std::string_view value)
    {
        hints.field(name, value);
        constexpr std::size_t longest_id = 128;
        if (core::same_name(name, "x-request-id")) request_id = sanitised(value.substr(0, longest_id));
    }
    /// Header, chunk extensions and trailers together: Beast limits each piece of them, or none.
    void count(std::size_t bytes, error_code& failed)
    {
        overhead_ += bytes;
        if (overhead_ > header_limit_of_beast) failed = errc::header_too_large;
    }
    std::size_t append(string_view bytes, error_code& failed)
    {
        if (bytes.size() > max_body_ - body.size()) {
            failed = errc::body_too_large;
            return 0;
        }
        core::append(body, {bytes.data(), bytes.size()});
        return bytes.size();
    }
    static std::string sanitised(std::string_view text)
    {
        std::string clean(text);
        std::replace_if(
            clean.begin(), clean.end(), [](char c) { return c < '!' || c > '~'; }, '?');
        return clean;
    }

    static constexpr unsigned max_fields = 256;
    std::size_t max_body_;
    unsigned fields_ = 0;
    std::size_t overhead_ = 0;
    bool judged_ = false;
};

namespace {

error_code translated(const error_code& from)
{
    if (from.category() == doks_category()) return from;
    if (from == http::error::header_limit) return errc::header_too_large;
    if (from == http::error::body_limit) return errc::body_too_large;
    if (from == http::error::partial_message || from == http::error::end_of_stream) return errc::truncated;
    return errc::malformed_response;
}

/// Beast before Boost 1.88 asserts if these bytes arrive alone. No chunk ends in them, so they can wait for more.
bool is_begun_last_chunk(std::string_view bytes)
{
    constexpr std::string_view last = "0\r\n\r\n";
    return bytes.size() < last.size() && bytes == last.substr(0, bytes.size());
}

}

struct response_reader::place
{
    parser& fresh(std::size_t body_limit) { return current.emplace(body_limit); }
    std::optional<parser> current;
};

response_reader::response_reader()
    : place_(std::make_unique<place>())
{}
response_reader::~response_reader() = default;

void response_reader::restart(std::size_t body_limit)
{
    body_limit_ = body_limit;
    header_only_ = false;
    expect_next();
    interim_ = 0;
    started_ = false;
}

void response_reader::expect_header_only()
{
    restart(0);
    header_only_ = true;
    expect_next();
}

void response_reader::expect_next()
{
    parser_ = &place_->fresh(body_limit_);
    if (!header_only_) return;
    parser_->skip(true);
    parser_->framing_matters = false;
}

unsigned response_reader::status() const noexcept { return parser_->status; }

bool response_reader::started() const noexcept { return started_; }

bool response_reader::complete() const noexcept { return parser_ && parser_->is_done() && parser_->status >= 200; }

bool response_reader::keeps_alive() const noexcept
{
    return complete() && parser_->framing.keeps_alive(parser_->minor) &&
           !parser_->framing.ends_with_connection(parser_->status);
}

bool response_reader::has_length() const noexcept { return parser_->framing.length().has_value(); }

response_reader::taken response_reader::feed(std::string_view bytes)
{
    constexpr unsigned max_interim = 5;
    std::size_t used = 0;
    started_ = started_ || !bytes.empty();
    while (used < bytes.size() && !complete()) {
        const auto rest = bytes.substr(used);
        if (parser_->is_header_done() && parser_->chunked() && is_begun_last_chunk(rest)) return {used, {}};
        error_code failed;
        parser_->input = rest;
        const std::size_t took = parser_->put(boost::asio::buffer(rest.data(), rest.size()), failed);
        used += took;
        if (failed == http::error::need_more)
            return {used, rest.size() - took < header_limit ? error_code() : make_error_code(errc::header_too_large)};
        if (failed) return {used, translated(failed)};
        if (parser_->is_done() && parser_->status < 200) {
            if (parser_->status == 101 || ++interim_ > max_interim) return {used, errc::malformed_response};
            expect_next();
        } else if (took == 0) {
            return {used, {}};
        }
    }
    return {used, {}};
}

error_code response_reader::end(bool clean)
{
    if (complete()) return {};
    if (!started_) return errc::closed_before_response;
    if (!clean || !parser_->is_header_done() || !parser_->framing.ends_with_connection(parser_->status))
        return errc::truncated;
    error_code failed;
    parser_->put_eof(failed);
    return failed ? translated(failed) : error_code();
}

response response_reader::take(core::wall_time now)
{
    response whole{
        parser_->status, std::move(parser_->request_id), std::move(parser_->body), parser_->hints.finish(now)};
    return whole;
}

}
