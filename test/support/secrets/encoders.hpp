#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace doks::test {

// The encodings in which an intermediary may echo a text, written without the code that has to recognise them.

using encoder = std::string (*)(std::string_view);

/// Each byte by this format.
inline std::string each_as(const char* format, std::string_view text)
{
    std::string out;
    for (const char c : text) {
        char one[16];
        std::snprintf(one, sizeof one, format, static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += one;
    }
    return out;
}

/// base64 with these two characters behind the digits.
inline std::string base64_with(std::string_view bytes, const char* last_two)
{
    const std::string digits = std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") + last_two;
    std::string bits;
    for (const char c : bytes)
        for (int bit = 7; bit >= 0; --bit) bits += static_cast<unsigned char>(c) >> bit & 1 ? '1' : '0';
    while (bits.size() % 6 != 0) bits += '0';
    std::string out;
    for (std::size_t i = 0; i < bits.size(); i += 6) out += digits[std::stoul(bits.substr(i, 6), nullptr, 2)];
    while (out.size() % 4 != 0) out += '=';
    return out;
}

inline std::string in_capitals(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return out;
}

/// What leaves a secret of letters, digits and '_' as it is, apart from the first one.
inline const std::vector<encoder>& encoders()
{
    static const std::vector<encoder> all = {
        [](std::string_view text) { return base64_with(text, "+/"); },
        [](std::string_view text) { return base64_with(text, "-_"); },
        [](std::string_view text) { return each_as("%%%02X", text); },
        [](std::string_view text) { return each_as("%%%02x", text); },
        [](std::string_view text) { return each_as("=%02X", text); },
        [](std::string_view text) { return each_as("%02x", text); },
        [](std::string_view text) { return each_as("\\u%04x", text); },
        [](std::string_view text) { return each_as("\\x%02X", text); },
        [](std::string_view text) { return each_as("&#%u;", text); },
        [](std::string_view text) { return each_as("&#x%x;", text); },
        [](std::string_view text) { return each_as("\\%03o", text); },
        [](std::string_view text) { return each_as("%%u%04x", text); },
        [](std::string_view text) { return each_as("\\u{%x}", text); },
        &in_capitals,
    };
    return all;
}

/// Finds 12 or more consecutive characters of a secret in a text, in any of the encodings: the oracle of what leaks.
class leak_finder
{
public:
    explicit leak_finder(std::string_view secret)
    {
        for (std::size_t at = 0; at + window <= secret.size(); ++at) {
            const auto part = secret.substr(at, window);
            needles_.emplace_back(part);
            for (const auto encode : encoders()) add(encode, part);
        }
    }

    /// What was found, or nothing.
    std::string find(std::string_view text) const
    {
        for (const auto& each : needles_)
            if (text.find(each) != std::string_view::npos) return each;
        return {};
    }

    static constexpr std::size_t window = 12;

private:
    /// Base64 at each alignment, less the characters that depend on what stands around the part.
    void add(encoder encode, std::string_view part)
    {
        const bool in_groups = encode(std::string(3, '\0')) == std::string(4, 'A');
        if (!in_groups) return needles_.push_back(encode(part));
        for (std::size_t shift = 0; shift < 3; ++shift) {
            const auto encoded = encode(std::string(shift, '\0') + std::string(part));
            const std::size_t begin = (8 * shift + 5) / 6;
            needles_.push_back(encoded.substr(begin, 8 * (shift + part.size()) / 6 - begin));
        }
    }

    std::vector<std::string> needles_;
};

/// A random number below the bound.
inline std::size_t below(std::mt19937_64& random, std::size_t bound)
{
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

inline std::string random_text(std::mt19937_64& random, std::string_view characters, std::size_t size)
{
    std::string out;
    while (out.size() < size) out += characters[below(random, characters.size())];
    return out;
}

inline std::string random_token(std::mt19937_64& random)
{
    return "dop_v1_" + random_text(random, "0123456789abcdef", 64);
}

/// An intermediary's words.
inline std::string random_noise(std::mt19937_64& random, std::size_t words)
{
    constexpr const char* known[] = {"request", "could", "not", "be", "forwarded:", "upstream", "said", "\"bad\"",
        "<b>", "</b>", "GET", "/v2/kubernetes/clusters", "HTTP/1.1", "host=api.digitalocean.com", "100%", "a&b", "x\\y",
        "-", "id"};
    std::string out;
    for (; words != 0; --words) out.append(known[below(random, std::size(known))]).append(1, ' ');
    return out;
}

}
