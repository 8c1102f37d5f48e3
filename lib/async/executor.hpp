#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>

#include <concepts>
#include <utility>

namespace doks {
namespace asio = boost::asio;
}

namespace doks::async {

/** The user's executor as our strands see it.

    An any_io_executor allocates the response each time that it is asked whether it blocks, and a strand asks at every post
    and dispatch: eight allocations a call. This one remembers the response.
*/
class inner_executor
{
public:
    /// A template, for otherwise copying would ask whether this type converts to any_io_executor, and so on for ever.
    template <std::same_as<asio::any_io_executor> Executor>
    explicit inner_executor(Executor to)
        : to_(std::move(to))
    {}

    template <class Function> void execute(Function&& work) const { to_.execute(std::forward<Function>(work)); }

    asio::execution_context& query(asio::execution::context_t) const { return to_.context(); }
    asio::execution::blocking_t query(asio::execution::blocking_t) const noexcept { return blocking_; }

    inner_executor require(asio::execution::blocking_t::never_t never) const
    {
        return {asio::require(to_, never), never};
    }
    inner_executor require(asio::execution::outstanding_work_t::tracked_t tracked) const
    {
        return {asio::prefer(to_, tracked), blocking_};
    }
    inner_executor require(asio::execution::outstanding_work_t::untracked_t untracked) const
    {
        return {asio::prefer(to_, untracked), blocking_};
    }

    friend bool operator==(const inner_executor& a, const inner_executor& b) noexcept { return a.to_ == b.to_; }
    friend bool operator!=(const inner_executor& a, const inner_executor& b) noexcept { return !(a == b); }

private:
    inner_executor(asio::any_io_executor to, asio::execution::blocking_t blocking)
        : to_(std::move(to))
        , blocking_(blocking)
    {}

    asio::any_io_executor to_;
    asio::execution::blocking_t blocking_ = asio::execution::blocking.possibly;
};

/// The one executor type on which our own work runs: a strand, so that what hangs on it needs no lock.
using executor = asio::strand<inner_executor>;

}
