#include "fuzz/reference_parser.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>

// A reader of responses that was written from RFC 9112 alone.

namespace doks::test {

namespace {

/// The fields that decide where a response ends.
struct framing_fields
{
    unsigned lengths = 0, codings = 0;
    std::uint64_t length = 0;
    bool chunked = false;
    bool encoded = false;
};

bool is_token(std::string_view text)
{
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (static_cast<unsigned char>(c) < 128 && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
               marks.find(c) != std::string_view::npos;
    });
}

bool is_text(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
        [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f'); });
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return out;
}

std::string_view trimmed(std::string_view text)
{
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

/// A number in a base, of nothing but its digits, that does not overflow.
std::optional<std::uint64_t> number(std::string_view text, unsigned base)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::uint64_t value = 0;
    if (text.empty()) return std::nullopt;
    for (const char c : lower(text)) {
        const auto digit = digits.find(c);
        if (digit >= base || value > (UINT64_MAX - digit) / base) return std::nullopt;
        value = value * base + digit;
    }
    return value;
}

/// Reads one response from bytes that are all at hand.
class reference_reader
{
public:
    reference_reader(std::string_view bytes, bool closes)
        : all_(bytes)
        , rest_(bytes)
        , closes_(closes)
    {}

    std::optional<framed_answer> read()
    {
        for (int interim = 0; interim <= 5; ++interim) {
            if (!read_status() || !read_fields(fields_)) return std::nullopt;
            const bool none = status_ < 200 || status_ == 204 || status_ == 304;
            if (fields_.lengths > 1 || fields_.codings > 1 || fields_.lengths + fields_.codings > 1)
                return std::nullopt;
            if (fields_.encoded) return std::nullopt;
            if (fields_.codings == 1 && (!fields_.chunked || old_)) return std::nullopt;
            if (none && status_ != 304 && (fields_.codings != 0 || fields_.length != 0)) return std::nullopt;
            if (status_ >= 200) return read_body(none);
            if (status_ == 101) return std::nullopt;
        }
        return std::nullopt;
    }

private:
    std::optional<std::string_view> line()
    {
        const auto end = rest_.find("\r\n");
        if (end == std::string_view::npos) return std::nullopt;
        const auto text = rest_.substr(0, end);
        rest_.remove_prefix(end + 2);
        return text;
    }
    bool read_status()
    {
        const auto text = line();
        if (!text || text->size() < 13 || !is_text(*text)) return false;
        const auto version = text->substr(0, 9);
        const auto status = number(text->substr(9, 3), 10);
        old_ = version == "HTTP/1.0 ";
        if ((!old_ && version != "HTTP/1.1 ") || !status || (*text)[12] != ' ') return false;
        status_ = static_cast<unsigned>(*status);
        return status_ >= 100 && status_ <= 599;
    }
    bool read_fields(framing_fields& into)
    {
        into = {};
        for (;;) {
            const auto text = line();
            if (!text) return false;
            if (text->empty()) return true;
            const auto colon = text->find(':');
            if (colon == std::string_view::npos || !is_token(text->substr(0, colon)) || !is_text(*text)) return false;
            if (!take(lower(text->substr(0, colon)), trimmed(text->substr(colon + 1)), into)) return false;
        }
    }
    static bool take(const std::string& name, std::string_view value, framing_fields& into)
    {
        if (name == "content-encoding") into.encoded = into.encoded || lower(value) != "identity";
        if (name == "transfer-encoding") {
            ++into.codings;
            into.chunked = lower(value) == "chunked";
        }
        if (name != "content-length") return true;
        const auto length = number(value, 10);
        ++into.lengths;
        into.length = length.value_or(0);
        return length.has_value();
    }
    std::optional<framed_answer> read_body(bool none)
    {
        framed_answer made;
        made.status = status_;
        if (none) return sized(made);
        if (fields_.chunked) return read_chunks(made.body) ? sized(made) : std::nullopt;
        if (fields_.lengths == 0 && !closes_) return std::nullopt;
        if (fields_.lengths != 0 && rest_.size() < fields_.length) return std::nullopt;
        made.body = rest_.substr(0, fields_.lengths == 0 ? rest_.size() : static_cast<std::size_t>(fields_.length));
        rest_.remove_prefix(made.body.size());
        return sized(made);
    }
    bool read_chunks(std::string& body)
    {
        for (;;) {
            const auto text = line();
            if (!text) return false;
            const auto size = number(text->substr(0, text->find_first_of("; \t")), 16);
            if (!size || !is_text(*text)) return false;
            framing_fields trailers;
            if (*size == 0) return read_fields(trailers) && trailers.lengths + trailers.codings == 0;
            if (rest_.size() < 2 || rest_.size() - 2 < *size) return false;
            body += rest_.substr(0, static_cast<std::size_t>(*size));
            rest_.remove_prefix(static_cast<std::size_t>(*size));
            if (rest_.substr(0, 2) != "\r\n") return false;
            rest_.remove_prefix(2);
        }
    }
    std::optional<framed_answer> sized(framed_answer& made) const
    {
        made.size = all_.size() - rest_.size();
        return made;
    }

    std::string_view all_, rest_;
    bool closes_;
    bool old_ = false;
    unsigned status_ = 0;
    framing_fields fields_;
};

}

std::optional<framed_answer> read_by_reference(std::string_view bytes, bool closes)
{
    return reference_reader(bytes, closes).read();
}

}
