#include "core/timer_heap.hpp"

namespace doks::core {

timer::~timer()
{
    if (heap_) heap_->clear(*this);
}

timer_heap::~timer_heap()
{
    for (timer* each : heap_) each->heap_ = nullptr;
}

void timer_heap::set(timer& which, instant at)
{
    if (!which.heap_) {
        heap_.push_back(&which);
        which.heap_ = this;
        which.position_ = heap_.size() - 1;
    }
    which.at_ = at;
    sift_up(which.position_);
    sift_down(which.position_);
}

void timer_heap::clear(timer& which) noexcept
{
    if (which.heap_ != this) return;
    const std::size_t hole = which.position_;
    timer* const last = heap_.back();
    heap_.pop_back();
    which.heap_ = nullptr;
    if (last == &which) return;
    place(hole, last);
    sift_up(hole);
    sift_down(last->position_);
}

void timer_heap::run(instant now)
{
    while (!heap_.empty() && heap_.front()->at_ <= now) {
        timer& first = *heap_.front();
        clear(first);
        first.due(now);
    }
}

void timer_heap::place(std::size_t position, timer* which) noexcept
{
    heap_[position] = which;
    which->position_ = position;
}

void timer_heap::sift_up(std::size_t position) noexcept
{
    timer* const which = heap_[position];
    while (position > 0 && which->at_ < heap_[(position - 1) / 2]->at_) {
        place(position, heap_[(position - 1) / 2]);
        position = (position - 1) / 2;
    }
    place(position, which);
}

void timer_heap::sift_down(std::size_t position) noexcept
{
    timer* const which = heap_[position];
    for (;;) {
        std::size_t child = 2 * position + 1;
        if (child >= heap_.size()) break;
        if (child + 1 < heap_.size() && heap_[child + 1]->at_ < heap_[child]->at_) ++child;
        if (!(heap_[child]->at_ < which->at_)) break;
        place(position, heap_[child]);
        position = child;
    }
    place(position, which);
}

}
