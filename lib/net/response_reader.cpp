#include "net/response_reader.hpp"

#include "core/secret_text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <optional>

namespace doks::net {

namespace http = boost::beast::http;
using boost::beast::string_view;
using boost::system::error_code;

/// Beast's parser with the fields that matter here; every field passes the framing check as it was received.
class response_reader::parser final : public http::basic_parser<false>
{
public:
    explicit parser(std::size_t most)
        : most_(most)
    {
        eager(true);
        header_limit(header_limit_of_beast);
        body_limit(most);
    }

    static constexpr std::uint32_t header_limit_of_beast = response_reader::header_limit;

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
        const std::string_view key(name.data(), name.size());
        const std::string_view text(value.data(), value.size());
        framing.field(key, text);
        hints.field(key, text);
        constexpr std::size_t longest_id = 128;
        if (core::same_name(key, "x-request-id")) request_id = sanitised(text.substr(0, longest_id));
        if (++fields_ > most_fields) failed = errc::header_too_large;
    }
    void on_header_impl(error_code& failed) override
    {
        if (!framing_matters) return;
        failed = framing.judge(status, minor);
        if (!failed && framing.length().value_or(0) > most_) failed = errc::body_too_large;
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override
    {
        if (length) body.reserve(static_cast<std::size_t>((std::min<std::uint64_t>)(*length, most_)));
    }
    std::size_t on_body_impl(string_view bytes, error_code& failed) override { return append(bytes, failed); }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& failed) override
    {
        return append(bytes, failed);
    }
    void on_finish_impl(error_code&) override {}

    std::size_t append(string_view bytes, error_code& failed)
    {
        if (bytes.size() > most_ - body.size()) {
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

    static constexpr unsigned most_fields = 256;
    std::size_t most_;
    unsigned fields_ = 0;
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
    parser_ = &place_->fresh(body_limit);
    body_limit_ = body_limit;
    interim_ = 0;
    started_ = false;
}

void response_reader::expect_header_only()
{
    restart(0);
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

response_reader::taken response_reader::feed(std::string_view bytes)
{
    constexpr unsigned most_interim = 5;
    std::size_t used = 0;
    started_ = started_ || !bytes.empty();
    while (used < bytes.size() && !complete()) {
        error_code failed;
        const std::size_t took = parser_->put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), failed);
        used += took;
        if (failed == http::error::need_more) return {used, {}};
        if (failed) return {used, translated(failed)};
        if (parser_->is_done() && parser_->status < 200) {
            if (parser_->status == 101 || ++interim_ > most_interim) return {used, errc::malformed_response};
            parser_ = &place_->fresh(body_limit_);
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

answer response_reader::take(core::wall_time now)
{
    answer whole{parser_->status, std::move(parser_->request_id), std::move(parser_->body), parser_->hints.finish(now)};
    return whole;
}

}
