#include "kubeconfig/base64.hpp"

#include <array>
#include <cstdint>
#include <utility>

namespace doks::kube {

namespace {

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::uint8_t, 256> digits()
{
    std::array<std::uint8_t, 256> value{};
    value.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        value[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return value;
}

constexpr auto digit_of = digits();

/// Gathers six bits at a time and gives out bytes.
class bit_reader
{
public:
    explicit bit_reader(std::size_t expected) { bytes_.reserve(expected); }

    void take(std::uint8_t six)
    {
        held_ = (held_ << 6 | six) & 0xFFFF;
        count_ += 6;
        if (count_ < 8) return;
        count_ -= 8;
        bytes_.push_back(static_cast<char>(held_ >> count_ & 0xFF));
    }
    bool rest_is_zero() const { return (held_ & ((1u << count_) - 1)) == 0; }
    secret_bytes finish() { return std::move(bytes_); }

private:
    secret_bytes bytes_;
    std::uint32_t held_ = 0;
    unsigned count_ = 0;
};

}

std::optional<secret_bytes> decode_base64(std::string_view text)
{
    bit_reader bits(text.size() / 4 * 3 + 3);
    std::size_t taken = 0;
    std::size_t padding = 0;
    for (char c : text) {
        if (c == '\n' || c == '\r') continue;
        const auto digit = digit_of[static_cast<unsigned char>(c)];
        if (c == '=') {
            ++padding;
        } else if (digit == no_digit || padding != 0) {
            return std::nullopt;
        } else {
            bits.take(digit);
            ++taken;
        }
    }
    const bool whole = (taken + padding) % 4 == 0 && padding <= 2;
    if (!whole || !bits.rest_is_zero()) return std::nullopt;
    return bits.finish();
}

secret_bytes encode_base64(std::string_view bytes)
{
    secret_bytes text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0u);
        for (std::size_t i = 0; i < 4; ++i)
            text.push_back(i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 63] : '=');
    }
    return text;
}

}
