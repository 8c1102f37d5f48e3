#pragma once

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <functional>
#include <tuple>
#include <utility>

namespace doks::net {

namespace asio = boost::asio;

/** A user's handler on its way from its initiation to its one call.

    Keeps the handler's executor busy meanwhile. The handler is called on that executor and never on a strand of ours.
*/
template <class Signature> class completion
{
public:
    using handler = asio::any_completion_handler<Signature>;

    completion(handler who, asio::any_io_executor fallback)
        : fallback_(std::move(fallback))
        , handler_(std::move(who))
        , slot_(asio::get_associated_cancellation_slot(handler_))
        , executor_(asio::prefer(asio::any_completion_executor(asio::get_associated_executor(handler_, fallback_)),
              asio::execution::outstanding_work.tracked))
        , work_(asio::prefer(fallback_, asio::execution::outstanding_work.tracked))
    {}

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
        const auto via = fallback_;
        asio::post(via, [self = std::move(*this), arguments = std::move(arguments)]() mutable {
            const auto to = self.executor_;
            to.execute([self = std::move(self), arguments = std::move(arguments)]() mutable {
                if (self.slot_.is_connected()) self.slot_.clear();
                auto who = std::move(self.handler_);
                std::apply(std::move(who), arguments());
            });
        });
    }

private:
    asio::any_io_executor fallback_;
    handler handler_;
    asio::cancellation_slot slot_;
    asio::any_completion_executor executor_;
    asio::any_io_executor work_;
};

}
