#include "sim/temporary_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace doks::sim {

temporary_file::temporary_file(std::string_view content)
    : path_(std::filesystem::temp_directory_path() / "doks-sim-XXXXXX")
{
    int file = ::mkostemp(path_.data(), O_CLOEXEC);
    if (file < 0) throw std::system_error(errno, std::generic_category(), "temporary file '" + path_ + "'");
    bool written = ::write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
    int error = errno;
    ::close(file);
    if (written) return;
    ::unlink(path_.c_str());
    throw std::system_error(error, std::generic_category(), "temporary file '" + path_ + "'");
}

temporary_file::~temporary_file() { ::unlink(path_.c_str()); }

}
