#pragma once

#include <chrono>
#include <new>
#include <thread>

namespace doks::async {

/** Calls `work`, and calls it again after a pause as long as it throws `bad_alloc`.

    For a thread that cannot report the exception: others wait for what it does.
*/
template <class Work> decltype(auto) retry_for_memory(Work work)
{
    for (;;) {
        try {
            return work();
        } catch (const std::bad_alloc&) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

}
