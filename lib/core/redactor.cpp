#include "core/redactor.hpp"

#include "core/encodings.hpp"
#include "core/secret_text.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace doks::core {

namespace {

constexpr unsigned deepest = 3;
/// Of a text and all that is found in it: so many times its length, and some milliseconds.
constexpr std::size_t most_passes = 24;
constexpr std::size_t least_characters = std::size_t(4) * 1024, most_characters = std::size_t(256) * 1024;
constexpr std::size_t unlikely_by_chance = 20;
/// Base64 of a fragment has at least so many characters.
constexpr std::size_t shortest_encoded = 11;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Both alphabets of base64 as one.
char common(char c) noexcept { return c == '-' ? '+' : c == '_' ? '/' : c; }

std::uint64_t behind(std::uint64_t word, char c) noexcept { return word << 8 | static_cast<unsigned char>(c); }

bool is_uuid(std::string_view text) noexcept
{
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : hex_digit(text[i]) < 0) return false;
    }
    return true;
}

/// `dop_v1_`, `doo_v1_` or `dor_v1_` and hex digits, or the last line of a private key's header.
bool has_form_of_secret(std::string_view text) noexcept
{
    constexpr std::string_view version = "_v1_";
    for (auto at = text.find(version); at != std::string_view::npos; at = text.find(version, at + 1)) {
        if (at < 3 || lower(text[at - 3]) != 'd' || lower(text[at - 2]) != 'o') continue;
        const auto value = text.substr(at + version.size()).substr(0, redactor::fragment);
        const auto is_hex = [](char c) { return hex_digit(c) >= 0; };
        if (value.size() == redactor::fragment && std::all_of(value.begin(), value.end(), is_hex)) return true;
    }
    return text.find("PRIVATE KEY-----") != std::string_view::npos;
}

/// What a secret alone decides on in base64, where it follows `shift` bytes of something else.
secret_bytes inner_base64(std::string_view secret, std::size_t shift)
{
    secret_bytes padded(shift, '\0');
    padded.insert(padded.end(), secret.begin(), secret.end());
    const auto encoded = to_base64({padded.data(), padded.size()});
    const auto begin = static_cast<std::ptrdiff_t>((8 * shift + 5) / 6);
    const auto end = static_cast<std::ptrdiff_t>(8 * padded.size() / 6);
    return {encoded.begin() + begin, encoded.begin() + end};
}

/// Each byte as a mark and two hex digits.
secret_bytes in_hex(std::string_view secret, std::string_view mark, std::string_view digits)
{
    secret_bytes text;
    for (const char c : secret) {
        const auto byte = static_cast<unsigned char>(c);
        append(text, mark);
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 0xf]);
    }
    return text;
}

}

void redactor::add(std::string_view secret)
{
    if (secret.size() < fragment) return;
    if (secret.size() >= unlikely_by_chance) add_whole(secret);
    secret_bytes folded(secret.begin(), secret.end());
    std::transform(folded.begin(), folded.end(), folded.begin(), lower);
    add_fragments(view(folded));
    for (std::size_t shift = 0; shift < 3; ++shift) add_fragments(view(inner_base64(secret, shift)));
    index();
}

/// Of a DigitalOcean token its digits, which are what is secret.
void redactor::add_whole(std::string_view secret)
{
    constexpr std::size_t prefix = 7;
    if (secret.starts_with("do") && secret.substr(0, prefix).ends_with("_v1_")) secret.remove_prefix(prefix);
    whole_.emplace_back(secret);
    for (std::size_t shift = 0; shift < 3; ++shift) {
        auto encoded = inner_base64(secret, shift);
        whole_.emplace_back(view(encoded));
        std::replace(encoded.begin(), encoded.end(), '+', '-');
        std::replace(encoded.begin(), encoded.end(), '/', '_');
        if (view(encoded) != whole_.back().reveal()) whole_.emplace_back(view(encoded));
    }
    for (const std::string_view digits : {"0123456789abcdef", "0123456789ABCDEF"})
        for (const std::string_view mark : {"", "%"}) whole_.emplace_back(view(in_hex(secret, mark, digits)));
}

void redactor::add(const redactor& other)
{
    fragments_.insert(fragments_.end(), other.fragments_.begin(), other.fragments_.end());
    whole_.insert(whole_.end(), other.whole_.begin(), other.whole_.end());
    index();
}

void redactor::add_fragments(std::string_view text)
{
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        word = behind(word, text[i]);
        if (i + 1 >= fragment) fragments_.push_back(word);
    }
}

void redactor::index()
{
    std::sort(fragments_.begin(), fragments_.end());
    fragments_.erase(std::unique(fragments_.begin(), fragments_.end()), fragments_.end());
    const std::size_t bits = std::bit_ceil((std::max)(std::size_t(1024), 16 * fragments_.size()));
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(bits));
    filter_ = words(bits / 64, 0);
    for (const auto each : fragments_) {
        const auto hash = each * 0x9e3779b97f4a7c15 >> shift_;
        filter_[hash / 64] |= std::uint64_t(1) << hash % 64;
    }
}

bool redactor::contains(std::uint64_t word) const noexcept
{
    const auto hash = word * 0x9e3779b97f4a7c15 >> shift_;
    return (filter_[hash / 64] >> hash % 64 & 1) != 0 && std::binary_search(fragments_.begin(), fragments_.end(), word);
}

bool redactor::recognises(std::string_view text) const
{
    const bool plain = is_uuid(text) || text.size() < shortest_encoded;
    effort left{(std::min)(least_characters + most_passes * text.size(), most_characters), deepest};
    return plain ? holds_as_it_is(text) : holds(text, left);
}

bool redactor::holds(std::string_view text, effort& left) const
{
    if (text.size() > left.characters) return true;
    left.characters -= text.size();
    if (holds_as_it_is(text)) return true;
    if (left.depth == 0) return false;
    --left.depth;
    const bool found = holds_unescaped(text, left) || holds_decoded(text, left);
    ++left.depth;
    return found;
}

bool redactor::holds_as_it_is(std::string_view text) const
{
    if (has_form_of_secret(text)) return true;
    if (fragments_.empty()) return false;
    std::uint64_t plain = 0;
    std::uint64_t base64 = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        plain = behind(plain, lower(text[i]));
        base64 = behind(base64, common(text[i]));
        if (i + 1 >= fragment && (contains(plain) || contains(base64))) return true;
    }
    return false;
}

/// What replaces single characters: it makes the text shorter where it was used.
bool redactor::holds_unescaped(std::string_view text, effort& left) const
{
    for (const auto without : unescapes) {
        const auto plain = without(text);
        if (plain.size() != text.size() && holds({plain.data(), plain.size()}, left)) return true;
    }
    return false;
}

/// What encodes whole runs, of which any character may be the first of a group.
bool redactor::holds_decoded(std::string_view text, effort& left) const
{
    for (std::size_t at = 0; at < text.size();) {
        const auto run = base64_run(text.substr(at));
        for (std::size_t skip = 0; run.size() >= shortest_encoded && skip < 4; ++skip)
            if (holds_pieces(from_base64(run.substr(skip)), left)) return true;
        at += run.size() + 1;
    }
    for (std::size_t at = 0; at < text.size();) {
        const auto run = hex_run(text.substr(at));
        for (std::size_t skip = 0; run.size() >= 2 * fragment && skip < 2; ++skip)
            if (holds_pieces(from_hex(run.substr(skip)), left)) return true;
        at += run.size() + 1;
    }
    return false;
}

/// Of what was decoded the printable parts: most runs are words, not base64, and decode to noise.
bool redactor::holds_pieces(const secret_bytes& decoded, effort& left) const
{
    const std::string_view text(decoded.data(), decoded.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto piece = printable_run(text.substr(at));
        if (piece.size() >= fragment && holds(piece, left)) return true;
        at += piece.size() + 1;
    }
    return false;
}

/// An escape or a line that goes on behind a backslash is as good as the character.
bool redactor::strays_into(std::string_view kubeconfig) const
{
    if (holds_whole(kubeconfig)) return true;
    if (whole_.empty() || kubeconfig.find('\\') == std::string_view::npos) return false;
    return holds_whole(view(without_gaps(view(without_backslashes(kubeconfig)))));
}

bool redactor::holds_whole(std::string_view kubeconfig) const
{
    return !kubeconfig.empty() && std::any_of(whole_.begin(), whole_.end(), [&](const secret& each) {
        const auto wanted = each.reveal();
        return ::memmem(kubeconfig.data(), kubeconfig.size(), wanted.data(), wanted.size()) != nullptr;
    });
}

void redactor::redact(std::string& text) const
{
    if (recognises(text)) text = redacted_text;
}

void redactor::redact(failure_record& record) const
{
    for (std::string* const each : {&record.api_id, &record.api_message, &record.detail, &record.info.request_id})
        redact(*each);
}

}
