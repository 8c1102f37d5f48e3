#include "cli/secret_input.hpp"

#include <array>
#include <cstddef>

namespace doks::cli {

namespace {

constexpr std::size_t largest_input = std::size_t(1) << 20;

}

secret_bytes read_all(std::istream& input)
{
    secret_bytes bytes;
    std::array<char, 4096> piece;
    while (bytes.size() <= largest_input && (input.read(piece.data(), piece.size()) || input.gcount() > 0))
        bytes.insert(bytes.end(), piece.data(), piece.data() + input.gcount());
    wipe(piece.data(), piece.size());
    return bytes;
}

}
