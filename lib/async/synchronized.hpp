#pragma once

#include <mutex>
#include <utility>

namespace doks::async {

/** A value that clients on different strands share; each use has it alone.

    Threads: any. Nothing of a user's runs, and nothing waits, under the lock.
*/
template <class T> class synchronized
{
public:
    template <class... Arguments>
    explicit synchronized(Arguments&&... arguments)
        : value_(std::forward<Arguments>(arguments)...)
    {}

    template <class Use> auto with(Use use)
    {
        const std::lock_guard lock(mutex_);
        return use(value_);
    }

private:
    std::mutex mutex_;
    T value_;
};

}
