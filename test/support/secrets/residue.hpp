#pragma once

#include <doks/secret.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>

// What of a secret is left in this process's memory.

namespace doks::test {

/// Never in memory as it reads: each byte stands there with its bits turned.
class hidden
{
public:
    explicit hidden(std::string_view text)
    {
        for (char c : text) turned_ += static_cast<char>(~c);
    }
    template <class Container> void append_to(Container& bytes) const
    {
        for (char c : turned_) bytes.push_back(static_cast<char>(~c));
    }
    std::size_t count_in(std::string_view memory) const
    {
        std::size_t count = 0;
        if (memory.size() < turned_.size()) return 0;
        for (std::size_t at = 0; at + turned_.size() <= memory.size(); ++at)
            count += std::equal(turned_.begin(), turned_.end(), memory.begin() + static_cast<std::ptrdiff_t>(at),
                [](char a, char b) { return static_cast<char>(~a) == b; });
        return count;
    }

private:
    std::string turned_;
};

/// How often a text stands in the writable memory of this process, sanitizers' own huge maps left out.
inline std::size_t count_in_memory(const hidden& what)
{
    constexpr unsigned long largest_map = 64ul << 20;
    std::ifstream maps("/proc/self/maps");
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    doks::secret_bytes copy;
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);) {
        unsigned long begin = 0;
        unsigned long end = 0;
        std::array<char, 5> rights{};
        if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, rights.data()) != 3) continue;
        if (rights[0] != 'r' || rights[1] != 'w' || end - begin > largest_map) continue;
        doks::wipe(copy.data(), copy.size());
        copy.resize(end - begin);
        const auto got = ::pread(memory, copy.data(), copy.size(), static_cast<off_t>(begin));
        if (got > 0) count += what.count_in({copy.data(), static_cast<std::size_t>(got)});
    }
    ::close(memory);
    return count;
}

}
