#include "sim/random.hpp"

#include <openssl/rand.h>

#include <array>
#include <span>
#include <stdexcept>

namespace doks::sim {

namespace {

void fill(std::span<unsigned char> bytes)
{
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw std::runtime_error("no random bytes");
}

std::string hex(std::span<const unsigned char> bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2 + 4);
    for (unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

}

std::string random_hex(std::size_t bytes)
{
    std::string raw(bytes, '\0');
    std::span<unsigned char> view(reinterpret_cast<unsigned char*>(raw.data()), raw.size());
    fill(view);
    return hex(view);
}

std::string random_uuid()
{
    std::array<unsigned char, 16> bytes;
    fill(bytes);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string text = hex(bytes);
    for (std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
    return text;
}

}
