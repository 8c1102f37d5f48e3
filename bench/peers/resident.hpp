#pragma once

#include <unistd.h>

#include <cstddef>
#include <fstream>

namespace peers {

/// The memory of this process that is resident now.
inline std::size_t resident_bytes()
{
    std::size_t all = 0, resident = 0;
    std::ifstream("/proc/self/statm") >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}
