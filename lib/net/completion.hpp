#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

namespace doks::net {

namespace asio = boost::asio;

/// Where handlers run that have no executor of their own. Made once and copied, for to erase an executor allocates.
struct handler_home
{
    handler_home(asio::any_io_executor on) // NOLINT(google-explicit-constructor): it is that executor
        : executor(std::move(on))
        , erased(executor)
    {}

    asio::any_io_executor executor;
    asio::any_completion_executor erased;
};

/** A user's handler on its way from its initiation to its one call.

    Keeps the handler's executor busy meanwhile. The handler is called on that executor and never on a strand of ours.
*/
template <class Signature> class completion
{
public:
    using handler = asio::any_completion_handler<Signature>;

    completion(handler who, const handler_home& home)
        : home_(asio::prefer(home.executor, asio::execution::outstanding_work.tracked))
        , handler_(std::move(who))
        , slot_(asio::get_associated_cancellation_slot(handler_))
        , elsewhere_(asio::get_associated_executor(handler_, home.erased))
    {
        if (elsewhere_ == home.erased)
            elsewhere_ = nullptr;
        else
            elsewhere_ = asio::prefer(elsewhere_, asio::execution::outstanding_work.tracked);
    }

    completion(completion&&) noexcept = default;
    /// In Boost 1.81 assigning to an any_completion_handler recurses without end (fixed in 1.82).
    completion& operator=(completion&&) = delete;

    /// Called from the initiation only; `cancel` runs wherever the user emits, so it must post.
    template <class Cancel> void on_cancel(Cancel cancel)
    {
        if (slot_.is_connected()) slot_.assign([cancel = std::move(cancel)](asio::cancellation_type) { cancel(); });
    }

    /// Hands over `arguments()`, a tuple that is made on the handler's executor.
    template <class Arguments> void finish(Arguments arguments) &&
    {
        deliver(std::optional<completion>(std::move(*this)), std::move(arguments));
    }
    /// The same where something that is shared holds the completion: less is moved from hand to hand.
    template <class Arguments> static void finish(std::shared_ptr<completion> held, Arguments arguments)
    {
        deliver(std::move(held), std::move(arguments));
    }

private:
    template <class Holder, class Arguments> static void deliver(Holder self, Arguments arguments)
    {
        const auto via = self->home_;
        asio::post(via, [self = std::move(self), arguments = std::move(arguments)]() mutable {
            const auto to = std::move(self->elsewhere_);
            auto call = [self = std::move(self), arguments = std::move(arguments)]() mutable {
                if (self->slot_.is_connected()) self->slot_.clear();
                auto who = std::move(self->handler_);
                std::apply(std::move(who), arguments());
            };
            to ? to.execute(std::move(call)) : call();
        });
    }

    asio::any_io_executor home_; ///< with work on it, as the other
    handler handler_;
    asio::cancellation_slot slot_;
    asio::any_completion_executor elsewhere_; ///< the handler's own executor, where that is another
};

}
