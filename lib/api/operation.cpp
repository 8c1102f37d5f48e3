#include "api/operation.hpp"

namespace doks::api {

/// Resumes the coroutine. It does so by a post, for a request may conclude before its coroutine is suspended.
class operation::request_receiver
{
public:
    request_receiver(
        asio::any_completion_handler<void(result<net::call_response>)> handler, const async::executor& strand)
        : handler_(std::move(handler))
        , strand_(strand)
    {}

    static void receive(
        const std::shared_ptr<request_receiver>& self, net::request_spec&, result<net::call_response> outcome)
    {
        asio::post(self->strand_, [handler = std::move(self->handler_), outcome = std::move(outcome)]() mutable {
            std::move(handler)(std::move(outcome));
        });
    }

private:
    asio::any_completion_handler<void(result<net::call_response>)> handler_;
    const async::executor& strand_; ///< the transport's, which the call holds
};

operation::operation(std::shared_ptr<const client_state> from)
    : client_(std::move(from))
{}

operation::~operation() { client_->transport->timers().clear(*this); }

/// A drain may have begun between `start` and the strand: then the first `send` fails with `draining`.
void operation::begin()
{
    started_ = now();
    listed_ = client_->transport->enlist(shared_from_this());
    if (!listed_) cancelled_ = errc::draining;
}

void operation::end()
{
    const bool was_discarded = !is_linked(); // with its execution context
    if (std::exchange(listed_, false) && !was_discarded) client_->transport->dismiss(*this);
}

awaitable<result<net::call_response>> operation::send(net::request_spec spec, call_options options, request_terms terms)
{
    auto whole = bounded(*client_, std::move(spec), options, terms);
    request_name_ = whole.operation();
    if (const auto why = cancelled()) co_return *why;
    auto begun = asio::async_initiate<const asio::use_awaitable_t<async::executor>&, void(result<net::call_response>)>(
        [](auto handler, operation* self, net::request_spec request) {
            self->send_now(std::move(request), std::move(handler));
        },
        use_awaitable, this, std::move(whole));
    auto outcome = co_await std::move(begun);
    co_return on_outcome(std::move(outcome));
}

void operation::send_now(net::request_spec spec, asio::any_completion_handler<void(result<net::call_response>)> handler)
{
    const auto request =
        prepare<request_receiver>(client_, std::move(spec), std::move(handler), client_->transport->strand());
    step_ = request;
    request->start();
}

/// The failure of a cancelled operation has the cause of the cancellation, whatever its request ended with.
result<net::call_response> operation::on_outcome(result<net::call_response> outcome)
{
    step_.reset();
    if (outcome) {
        count(outcome->info);
        const auto why = cancelled();
        return why ? result<net::call_response>(*why) : std::move(outcome);
    }
    auto record = outcome.error().record();
    count(record.info);
    if (cancelled_ && record.code != cancelled_) return *cancelled();
    return failure(std::move(record));
}

/// Adds the earlier requests to this one's figures, and remembers the sum.
void operation::count(call_info& request)
{
    request.attempts += spent_.attempts;
    request.resends += spent_.resends;
    request.elapsed = now() - started_;
    spent_ = request;
}

failure_record operation::blank_record() const
{
    failure_record record;
    record.operation = request_name_;
    record.info = spent_;
    record.info.elapsed = now() - started_;
    return record;
}

std::optional<failure> operation::cancelled() const
{
    if (!cancelled_) return std::nullopt;
    auto record = blank_record();
    record.code = cancelled_;
    record.why = stop_reason::cancelled;
    return failure(std::move(record));
}

failure operation::out_of_memory() const
{
    auto record = blank_record();
    record.code = make_error_code(boost::system::errc::not_enough_memory);
    return failure(std::move(record));
}

awaitable<void> operation::pause_until(core::instant at)
{
    if (cancelled_) co_return;
    auto begun = asio::async_initiate<const asio::use_awaitable_t<async::executor>&, void()>(
        [](auto handler, operation* self, core::instant until) {
            const auto& transport = *self->client_->transport;
            transport.timers().set(*self, until);
            self->paused_.emplace(std::move(handler), asio::any_io_executor(transport.strand()));
        },
        use_awaitable, this, at);
    co_await std::move(begun);
}

void operation::due(core::instant) { resume(); }

void operation::resume()
{
    if (!paused_) return; // out of memory before it was paused
    paused_->finish([] { return std::tuple<>(); });
    paused_.reset();
}

/// The first cause stays. A request under way reports it by its own outcome; a pause ends here.
void operation::cancel(boost::system::error_code why)
{
    if (!cancelled_) cancelled_ = why;
    if (const auto step = step_.lock()) return step->cancel(cancelled_);
    if (!paused_) return;
    client_->transport->timers().clear(*this);
    resume();
}

bool operation::waits_for_quota() const noexcept
{
    const auto step = step_.lock();
    return step && step->waits_for_quota();
}

core::phase operation::whereabouts() const
{
    const auto step = step_.lock();
    return step ? step->whereabouts() : core::phase::response;
}

}
