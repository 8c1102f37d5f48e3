#include "kubeconfig/directory/stored_file.hpp"

#include "kubeconfig/read/ascii.hpp"

#include <boost/algorithm/hex.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <new>

namespace doks::kube {

namespace {

constexpr std::string_view extension = ".yaml";

}

/// Nothing that a shell, a path or a terminal gives a meaning to.
bool is_safe_segment(std::string_view id) noexcept
{
    constexpr std::size_t longest = 200;
    if (id.empty() || id.size() > longest || id.front() == '.') return false;
    return std::all_of(
        id.begin(), id.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
}

std::string file_of(std::string_view id) { return std::string(id).append(extension); }

std::optional<std::string> id_of(std::string_view file)
{
    if (!file.ends_with(extension)) return std::nullopt;
    return std::string(file.substr(0, file.size() - extension.size()));
}

bool is_told_of(std::string_view id) noexcept { return !id.empty() && id.front() != '.'; }

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
    std::string text;
    boost::algorithm::hex_lower(digest.begin(), digest.begin() + size, std::back_inserter(text));
    return text;
}

}
