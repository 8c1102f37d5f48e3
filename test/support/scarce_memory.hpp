#pragma once

namespace doks::test {

/** While it lives, allocations with `new` in all its forms fail: of one thread, of all but that one, or of every one.

    One at a time. A program that uses it replaces the global operators.
*/
class scarce_memory
{
public:
    enum class whose
    {
        this_thread,
        other_threads,
        every_thread
    };
    /// The first `after` allocations succeed, the next `count` fail, those behind them succeed.
    scarce_memory(whose threads, long after, long count) noexcept;
    ~scarce_memory();
    scarce_memory(const scarce_memory&) = delete;
    scarce_memory& operator=(const scarce_memory&) = delete;

    /// How many failed.
    long failed() const noexcept;
};

}
