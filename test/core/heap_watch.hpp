#pragma once

#include <string_view>

namespace core_test {

/// While it lives, looks at every block given back to the heap, and counts those that still hold the canary.
class heap_watch
{
public:
    static constexpr std::string_view canary = "dop_v1_canary";

    heap_watch() noexcept;
    ~heap_watch();
    heap_watch(const heap_watch&) = delete;
    heap_watch& operator=(const heap_watch&) = delete;

    int released() const noexcept;
    int leaked() const noexcept;
};

}
