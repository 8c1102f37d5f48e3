#include "support/scarce_memory.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

#include <pthread.h>

// Replaces the program's operator new, so that it can fail on command.

namespace {

std::atomic<bool> armed = false;
std::atomic<bool> of_this_thread = false;
std::atomic<pthread_t> owner{};
std::atomic<long> passing = 0, failing = 0, failures = 0;

/// This allocation is one of those that fail.
bool fails() noexcept
{
    if (!armed || (owner.load() == ::pthread_self()) != of_this_thread) return false;
    if (passing.fetch_sub(1) > 0 || failing.fetch_sub(1) <= 0) return false;
    ++failures;
    return true;
}

}

namespace doks::test {

scarce_memory::scarce_memory(whose threads, long after, long count) noexcept
{
    owner = ::pthread_self();
    of_this_thread = threads == whose::this_thread;
    passing = after;
    failing = count;
    failures = 0;
    armed = true;
}

scarce_memory::~scarce_memory() { armed = false; }

long scarce_memory::failed() const noexcept { return failures; }

}

void* operator new(std::size_t size)
{
    void* const block = fails() ? nullptr : std::malloc(size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

/// std::stable_sort's; the address sanitizer's own would not match the delete below.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return fails() ? nullptr : std::malloc(size); }

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
