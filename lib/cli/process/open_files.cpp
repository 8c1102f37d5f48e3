#include "cli/process/open_files.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace doks::cli {

namespace {

/// Standard streams, executor, locks, an index, the directory's watch, lookups of names.
constexpr std::size_t for_all_else = 20;

}

void raise_limit_of_open_files() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

std::size_t most_open_files() noexcept
{
    rlimit limit{};
    return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

std::size_t connections_with_room_for_files() noexcept
{
    const std::size_t files = most_open_files();
    return std::max<std::size_t>((files - std::min(files, for_all_else)) / 2, 1);
}

}
