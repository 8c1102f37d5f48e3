#include "cli/path_segment.hpp"

#include "kubeconfig/directory/stored_file.hpp"

#include <cstddef>

namespace doks::cli {

namespace {

/// A file system takes 255 bytes; the rest is for what is put around a segment.
constexpr std::size_t longest_segment = 200;

bool stays(std::string_view text, std::size_t at)
{
    const char c = text[at];
    if (c == '.') return at != 0 && text.substr(at) != ".yaml" && text.substr(at) != ".jsonl";
    if (c == '-') return at != 0;
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_';
}

}

std::string path_segment(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string segment = text.empty() ? "%" : "";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (stays(text, at))
            segment += text[at];
        else
            segment.append(1, '%').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return segment.size() <= longest_segment ? segment : "%sha256-" + kube::sha256(text);
}

}
