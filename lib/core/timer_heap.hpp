#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <vector>

namespace doks::core {

class timer_heap;

/** Something that is due at a time: derive from it, and let the heap tell when.

    It takes itself out of its heap when it is destroyed.
*/
class timer
{
public:
    timer() = default;
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;

    bool armed() const noexcept { return heap_ != nullptr; }
    instant at() const noexcept { return at_; }

    /// Called once, after the timer was taken out of the heap; it may arm itself again, or destroy itself.
    virtual void due(instant now) = 0;

protected:
    virtual ~timer();

private:
    friend class timer_heap;
    timer_heap* heap_ = nullptr;
    std::size_t position_ = 0;
    instant at_{};
};

/** Deadlines in the order in which they are due, so that one armed timer serves all of them.

    Cost: O(log n) to set and to clear, O(1) to ask for the next; no allocation once it has grown.
*/
class timer_heap
{
public:
    timer_heap() = default;
    timer_heap(const timer_heap&) = delete;
    timer_heap& operator=(const timer_heap&) = delete;
    ~timer_heap();

    /// Arms the timer or moves it.
    void set(timer& which, instant at);
    void clear(timer& which) noexcept;
    /// Calls what is due, earliest first; what is set meanwhile waits for the next call if it is not yet due.
    void run(instant now);

    bool empty() const noexcept { return heap_.empty(); }
    instant next() const noexcept { return heap_.empty() ? never : heap_.front()->at_; }

private:
    void place(std::size_t position, timer* which) noexcept;
    void sift_up(std::size_t position) noexcept;
    void sift_down(std::size_t position) noexcept;

    std::vector<timer*> heap_;
};

}
