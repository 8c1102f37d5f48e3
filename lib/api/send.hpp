#pragma once

#include "api/client_state.hpp"
#include "api/policy_call.hpp"
#include "api/requests.hpp"
#include "net/call/call.hpp"

#include <doks/call_options.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <tuple>
#include <utility>

// The way to send a request: every one passes here, and only here the client's policy is read.

namespace doks::api {

/// A request under a client's default policy, or under one that values express. See `net::call` for owner and strand.
class plain_call : public net::call
{
public:
    plain_call(const std::shared_ptr<const client_state>& from, net::request_spec spec)
        : call(from->transport, from->token, std::move(spec))
    {}

private:
    void describe(failure_record& record, const net::response& said) const override { explain(record, said); }
};

/** A call whose outcome goes to a `Receiver` that is part of it: one allocation for both.

    `Receiver::receive(std::shared_ptr<Receiver>, net::request_spec&, result<net::call_response>)` is called once, on the client's strand,
    possibly from within `start`. If the executor's context is destroyed first, the receiver is destroyed without it.
*/
template <class Call, class Receiver> class receiving_call final : public Call
{
public:
    template <class... Arguments>
    receiving_call(const std::shared_ptr<const client_state>& from, net::request_spec spec, Arguments&&... receiver)
        : Call(from, std::move(spec))
        , receiver_(std::forward<Arguments>(receiver)...)
    {}

    Receiver& receiver() noexcept { return receiver_; }

private:
    void conclude(result<net::call_response> outcome) override
    {
        auto self = std::static_pointer_cast<receiving_call>(this->shared_from_this());
        auto* const receiver = &receiver_;
        Receiver::receive(std::shared_ptr<Receiver>(std::move(self), receiver), this->spec(), std::move(outcome));
    }

    Receiver receiver_;
};

/// Terms of a request other than the user's single call, for example of a bulk or a keeper.
struct request_terms
{
    net::priority priority = net::priority::single;
    std::optional<std::size_t> reserved_slots = 0;
    std::optional<core::retry_rules> retry = {}; ///< in place of the client's, where its policy has none
};

/// The request with the client's policy and timeouts; the call's own options take precedence.
net::request_spec bounded(
    const client_state& from, net::request_spec spec, const call_options& options, const request_terms& terms = {});
/// The longest time that a call with these options may take in all, requests and pauses.
core::duration total_timeout(const client_state& from, const call_options& options);
/// True if the client's policy runs coroutines around each attempt, such as the user's own.
bool has_policy_coroutines(const client_state& from) noexcept;

/// A request that is ready: `start` it on the client's strand. `spec` is `bounded`, the `arguments` construct the receiver.
template <class Receiver, class... Arguments>
std::shared_ptr<net::pending_request> prepare(
    const std::shared_ptr<const client_state>& from, net::request_spec spec, Arguments&&... arguments)
{
    if (has_policy_coroutines(*from))
        return std::make_shared<receiving_call<policy_call, Receiver>>(
            from, std::move(spec), std::forward<Arguments>(arguments)...);
    return std::make_shared<receiving_call<plain_call, Receiver>>(
        from, std::move(spec), std::forward<Arguments>(arguments)...);
}

/// Calls the user's handler with what `Decode` makes of request and response. Decoding runs on the handler's executor, too, so
/// that it does not hold up the client's strand.
template <class T, class Decode> class handler_receiver
{
public:
    using completion = async::completion<void(result<T>)>;

    handler_receiver(Decode decode, typename completion::handler handler, const async::handler_home& home)
        : decode_(std::move(decode))
        , done_(std::move(handler), home)
    {}

    template <class Cancel> void on_cancel(Cancel cancel) { done_.on_cancel(std::move(cancel)); }

    static void receive(
        std::shared_ptr<handler_receiver> self, net::request_spec& spec, result<net::call_response> outcome)
    {
        self->spec_ = &spec;
        self->outcome_ = std::move(outcome);
        std::shared_ptr<completion> held(self, &self->done_);
        completion::finish(
            std::move(held), [self = std::move(self)] { return std::tuple<result<T>>(self->decoded()); });
    }

private:
    result<T> decoded()
    {
        if (!outcome_) return outcome_.error();
        return decode_(*spec_, std::move(*outcome_));
    }

    Decode decode_;
    completion done_;
    net::request_spec* spec_ = nullptr; ///< the call's, which lives as long as this
    result<net::call_response> outcome_;
};

template <class Call, class T, class Decode>
void start_call_as(const std::shared_ptr<const client_state>& from, net::request_spec spec, Decode decode,
    typename handler_receiver<T, Decode>::completion::handler handler)
{
    const auto& transport = *from->transport;
    auto made = std::make_shared<receiving_call<Call, handler_receiver<T, Decode>>>(
        from, std::move(spec), std::move(decode), std::move(handler), transport.home());
    made->receiver().on_cancel([weak = std::weak_ptr<net::pending_request>(made), strand = transport.strand()] {
        const auto alive = weak.lock();
        if (alive) asio::post(strand, [alive] { alive->cancel(asio::error::operation_aborted); });
    });
    asio::dispatch(transport.strand(), [made = std::move(made)] { made->start(); });
}

/// Starts a single call of the user, from any thread. It is dispatched: on a thread of the executor it begins at once.
template <class T, class Decode>
void start_call(const std::shared_ptr<const client_state>& from, net::request_spec spec, Decode decode,
    typename handler_receiver<T, Decode>::completion::handler handler)
{
    if (has_policy_coroutines(*from))
        return start_call_as<policy_call, T>(from, std::move(spec), std::move(decode), std::move(handler));
    start_call_as<plain_call, T>(from, std::move(spec), std::move(decode), std::move(handler));
}

/// Completes a call with a failure before anything is sent.
template <class T>
void refuse_call(
    const async::handler_home& home, failure why, typename async::completion<void(result<T>)>::handler handler)
{
    async::completion<void(result<T>)> done(std::move(handler), home);
    done.finish([why = std::move(why)]() mutable { return std::tuple<result<T>>(std::move(why)); });
}

}
