#pragma once

#include <string>
#include <string_view>

namespace doks::sim {

/** A file in the temporary directory, readable by its owner only; the destructor removes it. */
class temporary_file
{
public:
    /** Errors: std::system_error that names the path. */
    explicit temporary_file(std::string_view content);
    ~temporary_file();

    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}
