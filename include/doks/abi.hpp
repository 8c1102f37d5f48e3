#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/detail/config.hpp>
#include <boost/asio/detail/thread_info_base.hpp>
#include <boost/config.hpp>
#include <boost/version.hpp>

// Settings that change Asio's types and functions, or the standard library's containers: each chooses one of two symbols.
#ifndef BOOST_ASIO_HEADER_ONLY
#define DOKS_ABI_COMPILATION built_with_BOOST_ASIO_SEPARATE_COMPILATION
#else
#define DOKS_ABI_COMPILATION built_without_BOOST_ASIO_SEPARATE_COMPILATION
#endif
#if defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING) || defined(BOOST_ASIO_CUSTOM_HANDLER_TRACKING)
#define DOKS_ABI_TRACKING built_with_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#else
#define DOKS_ABI_TRACKING built_without_BOOST_ASIO_ENABLE_HANDLER_TRACKING
#endif
#ifdef BOOST_ASIO_HAS_IO_URING_AS_DEFAULT
#define DOKS_ABI_IO_URING built_with_BOOST_ASIO_HAS_IO_URING_AS_DEFAULT
#else
#define DOKS_ABI_IO_URING built_without_BOOST_ASIO_HAS_IO_URING_AS_DEFAULT
#endif
#ifndef BOOST_ASIO_HAS_THREADS
#define DOKS_ABI_THREADS built_with_BOOST_ASIO_DISABLE_THREADS
#else
#define DOKS_ABI_THREADS built_without_BOOST_ASIO_DISABLE_THREADS
#endif
#ifndef BOOST_ASIO_HAS_EPOLL
#define DOKS_ABI_EPOLL built_with_BOOST_ASIO_DISABLE_EPOLL
#else
#define DOKS_ABI_EPOLL built_without_BOOST_ASIO_DISABLE_EPOLL
#endif
#ifndef BOOST_ASIO_HAS_EVENTFD
#define DOKS_ABI_EVENTFD built_with_BOOST_ASIO_DISABLE_EVENTFD
#else
#define DOKS_ABI_EVENTFD built_without_BOOST_ASIO_DISABLE_EVENTFD
#endif
#ifdef BOOST_ASIO_NO_TYPEID
#define DOKS_ABI_TYPEID built_with_BOOST_ASIO_NO_TYPEID
#else
#define DOKS_ABI_TYPEID built_without_BOOST_ASIO_NO_TYPEID
#endif
#ifdef BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#define DOKS_ABI_RECYCLING built_with_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#else
#define DOKS_ABI_RECYCLING built_without_BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING
#endif
#ifdef BOOST_ASIO_ENABLE_BUFFER_DEBUGGING
#define DOKS_ABI_BUFFERS built_with_BOOST_ASIO_ENABLE_BUFFER_DEBUGGING
#else
#define DOKS_ABI_BUFFERS built_without_BOOST_ASIO_ENABLE_BUFFER_DEBUGGING
#endif
#ifdef _GLIBCXX_DEBUG
#define DOKS_ABI_CONTAINERS built_with_GLIBCXX_DEBUG
#else
#define DOKS_ABI_CONTAINERS built_without_GLIBCXX_DEBUG
#endif
#define DOKS_ABI_BOOST BOOST_JOIN(built_with_boost_, BOOST_VERSION)
#define DOKS_ABI_CACHE                                                                                                 \
    BOOST_JOIN(built_with_BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE_, BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE)

namespace doks::abi {

extern const char DOKS_ABI_BOOST, DOKS_ABI_CACHE, DOKS_ABI_COMPILATION, DOKS_ABI_TRACKING, DOKS_ABI_IO_URING,
    DOKS_ABI_THREADS, DOKS_ABI_EPOLL, DOKS_ABI_EVENTFD, DOKS_ABI_TYPEID, DOKS_ABI_RECYCLING, DOKS_ABI_BUFFERS,
    DOKS_ABI_CONTAINERS;

/** Ties a program to the settings that doks was compiled with: Asio's types are part of the API, and Asio's functions are in
    the program and in the archive.

    A file that was compiled with another setting fails at link time, and the symbol names the setting:
    `undefined reference to doks::abi::built_with_BOOST_ASIO_ENABLE_HANDLER_TRACKING`.
    @par Cost
    These pointers, once in each object file.
*/
[[gnu::used, gnu::retain]] constexpr const char* settings[] = {&DOKS_ABI_BOOST, &DOKS_ABI_CACHE, &DOKS_ABI_COMPILATION,
    &DOKS_ABI_TRACKING, &DOKS_ABI_IO_URING, &DOKS_ABI_THREADS, &DOKS_ABI_EPOLL, &DOKS_ABI_EVENTFD, &DOKS_ABI_TYPEID,
    &DOKS_ABI_RECYCLING, &DOKS_ABI_BUFFERS, &DOKS_ABI_CONTAINERS};

}
