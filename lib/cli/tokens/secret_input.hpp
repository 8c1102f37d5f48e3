#pragma once

#include <doks/secret.hpp>

#include <chrono>
#include <istream>
#include <string>
#include <string_view>

namespace doks::cli {

/// Everything that the stream holds, a little over 1 MiB at most; no copy of it stays behind.
secret_bytes read_all(std::istream& input);

/// What a pipe, such as one of process substitution, holds up to the end of a line, or to its end; no copy stays behind.
/// Throws `std::system_error`: timed_out where that takes longer than the patience.
secret_bytes read_pipe(const std::string& file, std::chrono::milliseconds patience);

inline std::string_view view(const secret_bytes& bytes) { return {bytes.data(), bytes.size()}; }

}
