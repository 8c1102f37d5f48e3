#include "sim/simulated.hpp"

#include <openssl/evp.h>

// base64 by OpenSSL, as a reader of kubeconfigs has it.

namespace sim_test {

std::string from_base64(std::string_view text)
{
    std::string bytes(text.size(), '\0');
    auto from = reinterpret_cast<const unsigned char*>(text.data());
    int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), from, static_cast<int>(text.size()));
    if (size < 0) return {};
    auto padding = static_cast<std::size_t>(text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0);
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

}
