#include "net/call/policy_run.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <utility>

// A policy of several segments, such as retry | attempt_timeout | retry: each is the attempt of the one around it.

namespace doks::net {

using boost::system::error_code;

namespace {

asio::awaitable<error_code> run_from(policy_run::layers layers, std::size_t segment, policy_run::work work);

/// The inner segments, as the attempts of the segment around them.
class inner_segments final : public impl::work
{
public:
    inner_segments(policy_run::layers layers, std::size_t segment, policy_run::work call)
        : layers_(std::move(layers))
        , segment_(segment)
        , work_(std::move(call))
    {}
    asio::awaitable<error_code> attempt() override { return run_from(layers_, segment_, work_); }
    std::optional<failure> failed() const override { return work_->failed(); }
    bool fail(const failure& error) override { return work_->fail(error); }

private:
    policy_run::layers layers_;
    std::size_t segment_;
    policy_run::work work_;
};

asio::awaitable<error_code> begin(policy_run::layers layers, std::size_t segment, policy_run::work work)
{
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, error_code)>(
        [](auto handler, policy_run::layers all, std::size_t index, policy_run::work call) {
            const asio::any_io_executor executor = asio::get_associated_executor(handler);
            policy_run::start(
                std::move(all), index, std::move(call), policy_run::handler(std::move(handler)), executor);
        },
        asio::use_awaitable, std::move(layers), segment, std::move(work));
}

asio::awaitable<error_code> run_from(policy_run::layers layers, std::size_t segment, policy_run::work work)
{
    if (segment + 1 < layers->segments.size())
        work = std::make_shared<inner_segments>(layers, segment + 1, std::move(work));
    return begin(std::move(layers), segment, std::move(work));
}

asio::awaitable<void> run_all(policy_run::layers layers, policy_run::work work)
{
    co_await run_from(std::move(layers), 0, std::move(work));
}

}

}

boost::asio::awaitable<void> doks::impl::run(std::shared_ptr<const policy_layers> layers, std::shared_ptr<work> work)
{
    return net::run_all(std::move(layers), std::move(work));
}
