#pragma once

#include <doks/secret.hpp>

#include <cstring>
#include <string_view>

namespace doks::core {

inline std::string_view view(const secret_bytes& bytes) noexcept { return {bytes.data(), bytes.size()}; }

/// In one copy; a vector with an allocator of its own is filled element by element.
inline void append(secret_bytes& to, std::string_view text)
{
    if (text.empty()) return;
    const std::size_t before = to.size();
    to.resize(before + text.size());
    std::memcpy(to.data() + before, text.data(), text.size());
}

}
