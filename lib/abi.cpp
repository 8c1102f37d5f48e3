#include <doks/abi.hpp>

namespace doks::abi {

// Compiled into each archive, under the settings of that archive.
constexpr char DOKS_ABI_BOOST = 0, DOKS_ABI_CACHE = 0, DOKS_ABI_COMPILATION = 0, DOKS_ABI_TRACKING = 0,
               DOKS_ABI_IO_URING = 0, DOKS_ABI_THREADS = 0, DOKS_ABI_EPOLL = 0, DOKS_ABI_EVENTFD = 0,
               DOKS_ABI_TYPEID = 0, DOKS_ABI_RECYCLING = 0, DOKS_ABI_BUFFERS = 0, DOKS_ABI_CONTAINERS = 0;

}
