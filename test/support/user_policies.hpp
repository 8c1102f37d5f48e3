#pragma once

#include <doks/policy.hpp>

#include <atomic>
#include <memory>
#include <type_traits>

// Policies as a user of the library writes them.

namespace doks::test {

/// Passes every call on unchanged.
struct transparent : user_policy
{
    template <class F> std::invoke_result_t<F&> operator()(F call) const
    {
        auto got = co_await call();
        co_return got;
    }
};

/// Counts the calls that enter and leave it; its copies share the counts.
struct counted : user_policy
{
    template <class F> std::invoke_result_t<F&> operator()(F call) const
    {
        ++*entered;
        try {
            auto got = co_await call();
            ++*left;
            co_return got;
        } catch (...) {
            ++*left;
            throw;
        }
    }
    std::shared_ptr<std::atomic<int>> entered = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<std::atomic<int>> left = std::make_shared<std::atomic<int>>(0);
};

}
