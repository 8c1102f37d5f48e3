#pragma once

#include <filesystem>

namespace doks::cli {

/** A new directory with mode 0700 below the system's temporary one; it goes with everything in it.

    Errors: std::system_error.
*/
class scratch_directory
{
public:
    scratch_directory();
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory();

    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
};

}
