#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <stdlib.h>

namespace doks::test {

/// A directory of its own for a test, removed with everything in it.
class scratch_folder
{
public:
    explicit scratch_folder(const std::filesystem::path& below = std::filesystem::temp_directory_path())
    {
        std::string pattern = (below / "doks-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        root_ = pattern;
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }
    const std::filesystem::path& path() const { return root_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const { return root_ / name; }

private:
    std::filesystem::path root_;
};

/// The bytes of the file; none where it cannot be read.
inline std::string content(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Replaces the file in one step, as whatever rotates a token does.
inline void replace_file(const std::filesystem::path& file, std::string_view text)
{
    const auto beside = file.string() + ".new";
    std::ofstream(beside, std::ios::binary) << text;
    std::filesystem::rename(beside, file);
}

}
