#include "support/scarce_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <pthread.h>

// Replaces the program's operator new, so that it can fail on command.

namespace {

std::atomic<bool> armed = false;
std::atomic<doks::test::scarce_memory::whose> failing_threads{};
std::atomic<pthread_t> owner{};
std::atomic<long> passing = 0, failing = 0, failures = 0;

bool is_meant() noexcept
{
    using whose = doks::test::scarce_memory::whose;
    if (failing_threads == whose::every_thread) return true;
    return (owner.load() == ::pthread_self()) == (failing_threads == whose::this_thread);
}

/// This allocation is one of those that fail.
bool fails() noexcept
{
    if (!armed || !is_meant()) return false;
    if (passing.fetch_sub(1) > 0 || failing.fetch_sub(1) <= 0) return false;
    ++failures;
    return true;
}

}

namespace doks::test {

scarce_memory::scarce_memory(whose threads, long after, long count) noexcept
{
    owner = ::pthread_self();
    failing_threads = threads;
    passing = after;
    failing = count;
    failures = 0;
    armed = true;
}

scarce_memory::~scarce_memory() { armed = false; }

long scarce_memory::failed() const noexcept { return failures; }

}

// The forms for arrays call these.

void* operator new(std::size_t size)
{
    void* const block = fails() ? nullptr : std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void* operator new(std::size_t size, std::align_val_t alignment)
{
    const auto align = static_cast<std::size_t>(alignment);
    void* const block = fails() ? nullptr : std::aligned_alloc(align, (size + align - 1) / align * align);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

/// std::stable_sort's; the address sanitizer's own would not match the delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return fails() ? nullptr : std::malloc(size); }

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
void operator delete(void* data, std::align_val_t) noexcept { std::free(data); }
void operator delete(void* data, std::size_t, std::align_val_t) noexcept { std::free(data); }
