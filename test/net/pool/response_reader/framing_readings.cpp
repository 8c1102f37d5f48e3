#include "net/pool/response_reader/framing_table.hpp"

#include "net/pool/response_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <optional>
#include <utility>

// The library's reader and stock Beast on the same bytes, for the framing table.

namespace doks::test {

namespace {

constexpr std::size_t body_limit = std::size_t(1024) * 1024;

namespace http = boost::beast::http;
using parser = http::response_parser<http::string_body>;

/// Feeds one message; the bytes that were not its own stay.
boost::system::error_code read_message(parser& into, std::string_view& bytes, ending end)
{
    into.eager(true);
    into.header_limit(static_cast<std::uint32_t>(net::response_reader::header_limit));
    into.body_limit(body_limit);
    boost::system::error_code failed;
    while (!bytes.empty() && !into.is_done() && !failed)
        bytes.remove_prefix(into.put(boost::asio::buffer(bytes.data(), bytes.size()), failed));
    if (failed == http::error::need_more) failed = {};
    if (!failed && !into.is_done() && end == ending::closes && into.got_some()) into.put_eof(failed);
    return failed;
}

}

verdict verdict_of(unsigned status, bool again) noexcept
{
    if (status == 200) return again ? verdict::kept : verdict::used_up;
    if (!again) return verdict::status_used_up;
    return status >= 300 && status < 400 ? verdict::redirected : verdict::status_kept;
}

verdict verdict_of(const boost::system::error_code& cause) noexcept
{
    if (cause == make_error_code(errc::header_too_large)) return verdict::header_too_large;
    if (cause == make_error_code(errc::body_too_large)) return verdict::body_too_large;
    if (cause == make_error_code(errc::content_encoded)) return verdict::content_encoded;
    if (cause == make_error_code(errc::truncated)) return verdict::truncated;
    if (cause == make_error_code(errc::timed_out)) return verdict::waits;
    return verdict::malformed;
}

reading read_with_doks(std::string_view bytes, ending end, std::size_t piece)
{
    net::response_reader reader;
    reader.restart(body_limit);
    std::string held;
    while (!bytes.empty() && !reader.complete()) {
        held += bytes.substr(0, piece);
        bytes.remove_prefix((std::min)(piece, bytes.size()));
        const auto taken = reader.feed(held);
        held.erase(0, taken.bytes);
        if (taken.error) return {verdict_of(taken.error), {}, held.size() + bytes.size()};
    }
    const std::size_t behind = held.size() + bytes.size();
    if (!reader.complete() && end == ending::stays) return {verdict::waits, {}, behind};
    const auto cut = reader.end(end == ending::closes);
    if (cut) return {verdict_of(cut), {}, behind};
    const bool again = reader.keeps_alive() && behind == 0;
    const auto whole = reader.take({});
    return {verdict_of(whole.status, again), std::string(whole.body.begin(), whole.body.end()), behind};
}

reading read_with_beast(std::string_view bytes, ending end)
{
    for (;;) {
        std::optional<parser> message(std::in_place);
        const auto failed = read_message(*message, bytes, end);
        if (failed == http::error::partial_message) return {verdict::truncated, {}, bytes.size()};
        if (failed) return {verdict::malformed, {}, bytes.size()};
        if (!message->is_done()) return {end == ending::stays ? verdict::waits : verdict::truncated, {}, bytes.size()};
        const auto status = message->get().result_int();
        if (status / 100 == 1 && status != 101) continue;
        return {verdict_of(status, message->keep_alive()), message->get().body(), bytes.size()};
    }
}

}
