#include "kubeconfig/read/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace doks::kube {

namespace {

unsigned char* octets(secret_bytes& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* octets(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}

/// OpenSSL takes blanks around it, and unused bits that are not zero; what it gives is encoded again to find those out.
std::optional<secret_bytes> decode_base64(std::string_view text)
{
    secret_bytes digits(text.begin(), text.end());
    std::erase_if(digits, [](char c) { return c == '\n' || c == '\r'; });
    secret_bytes bytes(digits.size() / 4 * 3 + 3);
    const std::string_view encoded(digits.data(), digits.size());
    const int size = EVP_DecodeBlock(octets(bytes), octets(encoded), static_cast<int>(encoded.size()));
    if (size < 0) return std::nullopt;
    const auto padding = static_cast<std::size_t>(encoded.ends_with("==") ? 2 : encoded.ends_with('=') ? 1 : 0);
    bytes.resize(static_cast<std::size_t>(size) - padding);
    if (encode_base64({bytes.data(), bytes.size()}) != digits) return std::nullopt;
    return bytes;
}

secret_bytes encode_base64(std::string_view bytes)
{
    secret_bytes text((bytes.size() + 2) / 3 * 4 + 1); // OpenSSL adds a zero
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(octets(text), octets(bytes), static_cast<int>(bytes.size()))));
    return text;
}

}
