#include "kubeconfig/samples.hpp"

#include <doks/kubeconfig.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

// Sanitizers keep hundreds of megabytes of their own, in which the search would take a minute.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

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
std::size_t count_in_memory(const hidden& what)
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

doks::secret_bytes config_with(const hidden& token, char quote)
{
    const auto text = sample::around("    token: ");
    doks::secret_bytes bytes(text.begin(), text.end());
    bytes.push_back(quote);
    token.append_to(bytes);
    bytes.push_back(quote);
    return bytes;
}

}

TEST_CASE("no copy of a token is left in memory once its kubeconfig is gone")
{
    const hidden token("canary-5f1c9a7e-not-a-token");
    for (char quote : {' ', '"', '\''}) {
        {
            const doks::kubeconfig config(config_with(token, quote), {});
            CHECK(token.count_in(config.current().token.reveal()) == 1);
            CHECK(count_in_memory(token) >= 2);
        }
        CHECK(count_in_memory(token) == 0);
    }
}

#endif
