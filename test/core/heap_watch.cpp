#include "core/heap_watch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

// Replaces the program's operator new and delete: freed memory is searched for traces before it goes back to malloc.

namespace {

constexpr std::size_t header = alignof(std::max_align_t);

bool watching = false;
int blocks_released = 0;
int blocks_leaked = 0;

void look_at(const char* data, std::size_t size)
{
    constexpr auto canary = core_test::heap_watch::canary;
    ++blocks_released;
    if (std::search(data, data + size, canary.begin(), canary.end()) != data + size) ++blocks_leaked;
}

}

namespace core_test {

heap_watch::heap_watch() noexcept
{
    blocks_released = blocks_leaked = 0;
    watching = true;
}

heap_watch::~heap_watch() { watching = false; }

int heap_watch::released() const noexcept { return blocks_released; }

int heap_watch::leaked() const noexcept { return blocks_leaked; }

}

void* operator new(std::size_t size)
{
    auto* const block = static_cast<char*>(std::malloc(header + size));
    if (!block) throw std::bad_alloc();
    std::memcpy(block, &size, sizeof size);
    return block + header;
}

void operator delete(void* data) noexcept
{
    if (!data) return;
    char* const block = static_cast<char*>(data) - header;
    std::size_t size = 0;
    std::memcpy(&size, block, sizeof size);
    if (watching) look_at(block + header, size);
    std::free(block);
}

void operator delete(void* data, std::size_t) noexcept { ::operator delete(data); }
