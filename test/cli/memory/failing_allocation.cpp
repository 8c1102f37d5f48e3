// Preloaded into the program: one allocation fails once, counted from where `main` begins.
//
//   DOKS_FAILING_NEW=N      the Nth `operator new` of all threads; none if N is 0
//   DOKS_FAILING_MALLOC=N   the Nth of all: `operator new`, the C library's, OpenSSL's, Asio's
//   DOKS_ALLOCATIONS=FILE   writes "NEW ALL" there when the program ends: how many of each there were

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <dlfcn.h>

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* data, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::atomic<bool> counting = false;
std::atomic<long> news = 0, all = 0;
long failing_new = 0, failing_malloc = 0;

long number_in(const char* variable)
{
    const char* const value = std::getenv(variable);
    return value == nullptr ? 0 : std::atol(value);
}

bool fails() noexcept { return counting && ++all == failing_malloc; }

void* refuse() noexcept
{
    errno = ENOMEM;
    return nullptr;
}

using main_function = int (*)(int, char**, char**);
main_function program = nullptr;

int counted_main(int count, char** values, char** environment)
{
    failing_new = number_in("DOKS_FAILING_NEW");
    failing_malloc = number_in("DOKS_FAILING_MALLOC");
    counting = true;
    const int status = program(count, values, environment);
    counting = false;
    if (const char* const path = std::getenv("DOKS_ALLOCATIONS"))
        if (std::FILE* const to = std::fopen(path, "w")) {
            std::fprintf(to, "%ld %ld\n", news.load(), all.load());
            std::fclose(to);
        }
    return status;
}

}

extern "C" int __libc_start_main(main_function main, int count, char** values, void (*init)(), void (*fini)(),
    void (*dynamic_fini)(), void* stack_end)
{
    program = main;
    const auto real = reinterpret_cast<decltype(&__libc_start_main)>(::dlsym(RTLD_NEXT, "__libc_start_main"));
    return real(&counted_main, count, values, init, fini, dynamic_fini, stack_end);
}

extern "C" void* malloc(std::size_t size) noexcept { return fails() ? refuse() : __libc_malloc(size); }
extern "C" void* calloc(std::size_t count, std::size_t size) noexcept
{
    return fails() ? refuse() : __libc_calloc(count, size);
}
extern "C" void* realloc(void* data, std::size_t size) noexcept
{
    return fails() ? refuse() : __libc_realloc(data, size);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept
{
    return fails() ? refuse() : __libc_memalign(alignment, size);
}
extern "C" int posix_memalign(void** made, std::size_t alignment, std::size_t size) noexcept
{
    if (fails()) return ENOMEM;
    *made = __libc_memalign(alignment, size);
    return *made == nullptr ? ENOMEM : 0;
}

// The forms for arrays, and those that do not throw, call these in libstdc++.

void* operator new(std::size_t size)
{
    const bool refused = counting && ++news == failing_new;
    void* const block = refused ? nullptr : std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
