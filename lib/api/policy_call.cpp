#include "api/policy_call.hpp"

#include "api/requests.hpp"
#include "api/send.hpp"
#include "net/call/classify_exception.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace doks::api {

namespace {

using impl::reply_handle;

result<reply_handle> wrap(const net::request_spec&, net::call_response got)
{
    return std::make_shared<impl::api_reply>(impl::api_reply{std::move(got)});
}

/// The policy around the attempts, within the call's own bound, on the client's clock.
asio::awaitable<reply_handle> run(
    std::shared_ptr<const client_state> of, impl::api_attempt attempt, core::duration within)
{
    struct whole
    {
        asio::awaitable<reply_handle> operator()() const { return around->around(attempt); }
        std::shared_ptr<const impl::client_policy> around;
        impl::api_attempt attempt;
    };
    whole call{of->own_policy, std::move(attempt)};
    if (within == (core::duration::max)()) return call();
    const auto bound = impl::policy_access::by_clock(timeout(within), of->transport->timers().shared_time());
    return bound(std::move(call));
}

}

policy_call::policy_call(std::shared_ptr<const client_state> from, net::request_spec spec)
    : client_(std::move(from))
    , spec_(std::move(spec))
    , strand_(async::inner_executor(client_->transport->user_executor()))
{}

void policy_call::start()
{
    asio::post(strand_, [self = shared_from_this()] { self->begin(); });
}

void policy_call::begin()
{
    started_ = client_->transport->timers().now();
    // In a bulk the attempts alone are bounded: an id waits for quota as long as it takes.
    const bool single = spec_.priority == net::priority::single;
    const auto ends =
        single ? (std::min)(spec_.policy.deadline, core::later(started_, spec_.policy.timeout)) : core::never;
    if (single) {
        spec_.policy.deadline = ends;
        spec_.policy.timeout = (core::duration::max)();
    }
    if (!cancelled_ && ends <= started_) cancelled_ = errc::timed_out;
    if (cancelled_) return ended(std::make_exception_ptr(failure()), nullptr);
    auto conclude = [self = shared_from_this()](std::exception_ptr thrown, reply_handle got) {
        asio::post(self->strand_, [self, thrown = std::move(thrown), got = std::move(got)]() mutable {
            self->ended(std::move(thrown), std::move(got));
        });
    };
    const auto within = ends == core::never ? (core::duration::max)() : ends - started_;
    asio::co_spawn(strand_, run(client_, impl::api_attempt(shared_from_this()), within),
        asio::bind_cancellation_slot(signal_.slot(), asio::bind_executor(strand_, std::move(conclude))));
}

void policy_call::cancel(boost::system::error_code why)
{
    asio::post(strand_, [self = shared_from_this(), why] {
        if (self->over_ || self->cancelled_) return;
        self->cancelled_ = why;
        self->signal_.emit(asio::cancellation_type::terminal);
    });
}

asio::awaitable<reply_handle> policy_call::attempt()
{
    auto call = send_once();
    try {
        auto got = co_await std::move(call);
        resends_ += got->value.info.resends;
        co_return got;
    } catch (const failure& why) {
        resends_ += why.info().resends;
        throw;
    }
}

asio::awaitable<reply_handle> policy_call::send_once()
{
    ++attempts_;
    auto spec = spec_;
    spec.policy.retry.attempts = 1;
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, reply_handle)>(
        [](auto handler, std::shared_ptr<const client_state> from, net::request_spec one) {
            using adapted = impl::throwing_handler<reply_handle, decltype(handler)>;
            using erased = asio::any_completion_handler<void(result<reply_handle>)>;
            start_call_as<plain_call, reply_handle>(from, std::move(one), &wrap, erased(adapted{std::move(handler)}));
        },
        asio::use_awaitable, client_, std::move(spec));
}

void policy_call::ended(std::exception_ptr thrown, reply_handle got)
{
    if (std::exchange(over_, true)) return;
    if (!thrown && !got) thrown = std::make_exception_ptr(std::logic_error("a policy returned no response"));
    result<net::call_response> outcome =
        thrown ? result<net::call_response>(failure_of(thrown)) : std::move(got->value);
    if (outcome) {
        outcome->info.attempts = attempts_;
        outcome->info.resends = resends_;
        outcome->info.elapsed = client_->transport->timers().now() - started_;
    }
    asio::post(client_->transport->strand(),
        [self = shared_from_this(), outcome = std::move(outcome)]() mutable { self->conclude(std::move(outcome)); });
}

/// The failure of a call keeps its record; other exceptions of the user's policies become a failure. Either gets the name and
/// the figures of the whole, and loses secrets that a policy may have put into its text.
failure policy_call::failure_of(const std::exception_ptr& thrown) const
{
    failure_record record;
    try {
        std::rethrow_exception(thrown);
    } catch (const failure& why) {
        record = why.record();
    } catch (const std::exception& error) {
        record.code = net::classify(thrown).cause;
        record.detail = error.what();
    } catch (...) {
        record.code = errc::unclassified;
    }
    if (cancelled_) {
        record.code = cancelled_;
        record.why = cancelled_ == errc::timed_out ? stop_reason::deadline : stop_reason::cancelled;
    }
    record.operation = spec_.operation();
    record.info.attempts = attempts_;
    record.info.resends = resends_;
    record.info.elapsed = client_->transport->timers().now() - started_;
    client_->transport->secrets()->redact(record);
    return failure(std::move(record));
}

}
