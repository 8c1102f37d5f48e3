#pragma once

#include <doks/secret.hpp>

#include <istream>
#include <string_view>

namespace doks::cli {

/// Everything that the stream holds, a little over 1 MiB at most; no copy of it stays behind.
secret_bytes read_all(std::istream& input);

inline std::string_view view(const secret_bytes& bytes) { return {bytes.data(), bytes.size()}; }

}
