#pragma once

#include <doks/secret.hpp>

#include <chrono>
#include <istream>
#include <string>
#include <string_view>

namespace doks::cli {

/// Everything that the stream holds, a little over 1 MiB at most; no copy of it stays behind.
secret_bytes read_all(std::istream& input);

/// The same of a pipe, as process substitution makes it: waits so long for whoever writes, and throws `std::system_error`.
secret_bytes read_pipe(const std::string& file, std::chrono::milliseconds patience);

inline std::string_view view(const secret_bytes& bytes) { return {bytes.data(), bytes.size()}; }

}
