#pragma once

#include <chrono>
#include <new>
#include <thread>

namespace doks::async {

/** Does something that takes memory, and while there is none again after a pause.

    For a thread that has nobody to tell: what it drops somebody waits for.
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
