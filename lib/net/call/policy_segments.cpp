#include "net/call/policy_run.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <utility>

// A policy of several segments: each is the attempt of the one around it.

namespace doks::net {

using boost::system::error_code;

namespace {

asio::awaitable<error_code> run_from(policy_run::layers of, std::size_t segment, policy_run::work what);

/// The segments further in, as the attempts of the one before.
class inner_segments final : public impl::work
{
public:
    inner_segments(policy_run::layers of, std::size_t segment, policy_run::work what)
        : layers_(std::move(of))
        , segment_(segment)
        , what_(std::move(what))
    {}
    asio::awaitable<error_code> attempt() override { return run_from(layers_, segment_, what_); }
    std::optional<failure> failed() const override { return what_->failed(); }
    bool fail(const failure& why) override { return what_->fail(why); }

private:
    policy_run::layers layers_;
    std::size_t segment_;
    policy_run::work what_;
};

asio::awaitable<error_code> begin(policy_run::layers of, std::size_t segment, policy_run::work what)
{
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, error_code)>(
        [](auto who, policy_run::layers layers, std::size_t index, policy_run::work around) {
            const asio::any_io_executor on = asio::get_associated_executor(who);
            policy_run::start(std::move(layers), index, std::move(around), policy_run::handler(std::move(who)), on);
        },
        asio::use_awaitable, std::move(of), segment, std::move(what));
}

asio::awaitable<error_code> run_from(policy_run::layers of, std::size_t segment, policy_run::work what)
{
    if (segment + 1 < of->segments.size()) what = std::make_shared<inner_segments>(of, segment + 1, std::move(what));
    return begin(std::move(of), segment, std::move(what));
}

asio::awaitable<void> run_all(policy_run::layers of, policy_run::work what)
{
    co_await run_from(std::move(of), 0, std::move(what));
}

}

}

boost::asio::awaitable<void> doks::impl::run(std::shared_ptr<const policy_layers> layers, std::shared_ptr<work> what)
{
    return net::run_all(std::move(layers), std::move(what));
}
