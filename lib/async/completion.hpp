#pragma once

#include "async/shutdown.hpp"

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
#include <new>
#include <optional>
#include <tuple>
#include <utility>

namespace doks::async {

/// Where handlers run that have no executor of their own. Made once and copied, for erasing an executor allocates.
struct handler_home
{
    handler_home(asio::any_io_executor on) // NOLINT(google-explicit-constructor): it is that executor
        : executor(std::move(on))
        , erased(executor)
        , context(shutdown::of(asio::query(executor, asio::execution::context)))
    {}

    asio::any_io_executor executor;
    asio::any_completion_executor erased;
    std::shared_ptr<shutdown> context;
};

/** A user's handler on its way from its initiation to its one call.

    Keeps the handler's executor busy meanwhile. The handler is called on that executor and never on a strand of ours. If the
    executor's context is destroyed first, the handler is destroyed uncalled.
    Threads: any.
*/
template <class Signature> class completion final : private discardable
{
public:
    using handler = asio::any_completion_handler<Signature>;

    completion(handler call, const handler_home& home)
        : context_(home.context)
    {
        pending_.emplace(std::move(call), home);
        context_->add(*this);
    }
    ~completion() { context_->remove(*this); }
    completion(const completion&) = delete;
    completion& operator=(const completion&) = delete;

    /// Called from the initiation only; `cancel` runs wherever the user emits, so it must post.
    template <class Cancel> void on_cancel(Cancel cancel)
    {
        auto& slot = pending_->slot;
        if (slot.is_connected()) slot.assign([cancel = std::move(cancel)](asio::cancellation_type) { cancel(); });
    }

    /// Keeps `owner` alive until the handler is called or destroyed.
    void keep(std::shared_ptr<void> owner) { pending_->owner = std::move(owner); }

    bool is_pending() const
    {
        return if_pending([] {});
    }
    /// Calls `use` while the context is alive for certain, unless the handler was called or destroyed.
    template <class Use> bool if_pending(Use use) const { return context_->if_listed(*this, std::move(use)); }

    /// Posts `work` to where the handler waits, unless it was called or destroyed.
    template <class Work> bool post(Work work)
    {
        return if_pending([&] { asio::post(pending_->home, std::move(work)); });
    }

    /// Calls the handler with `arguments()`, a tuple that is made on the handler's executor; nothing if it is not pending.
    template <class Arguments> void finish(Arguments arguments)
    {
        context_->take(*this, [&] {
            std::optional<pending> whole(std::move(*pending_));
            pending_.reset();
            deliver(std::move(whole), std::move(arguments));
        });
    }
    /// The same on a thread of the context, where something that is shared holds the completion: less is moved and locked.
    template <class Arguments> static void finish(std::shared_ptr<completion> held, Arguments arguments)
    {
        completion& self = *held;
        if (!self.context_->take(self, [] {})) return;
        std::shared_ptr<pending> whole(std::move(held), &*self.pending_);
        deliver(std::move(whole), std::move(arguments));
    }
    /// Destroys the handler uncalled.
    void drop() noexcept
    {
        std::optional<pending> dropped;
        context_->take(*this, [&] {
            dropped.emplace(std::move(*pending_));
            pending_.reset();
        });
    }

private:
    struct pending
    {
        pending(handler which, const handler_home& at)
            : home(asio::prefer(at.executor, asio::execution::outstanding_work.tracked))
            , call(std::move(which))
            , slot(asio::get_associated_cancellation_slot(call))
            , elsewhere(asio::get_associated_executor(call, at.erased))
        {
            if (!elsewhere) throw std::bad_alloc(); // there was no memory to erase the handler's executor
            if (elsewhere == at.erased)
                elsewhere = nullptr;
            else
                elsewhere = asio::prefer(elsewhere, asio::execution::outstanding_work.tracked);
        }

        asio::any_io_executor home; ///< with work on it, as the other
        handler call;
        asio::cancellation_slot slot;
        asio::any_completion_executor elsewhere; ///< the handler's own executor, where that is another
        std::shared_ptr<void> owner;
    };

    template <class Holder, class Arguments> static void deliver(Holder from, Arguments arguments)
    {
        const auto via = from->home;
        asio::post(via, [from = std::move(from), arguments = std::move(arguments)]() mutable {
            const auto to = std::move(from->elsewhere);
            auto call = [from = std::move(from), arguments = std::move(arguments)]() mutable {
                if (from->slot.is_connected()) from->slot.clear();
                auto handler = std::move(from->call);
                std::apply(std::move(handler), arguments());
            };
            to ? to.execute(std::move(call)) : call();
        });
    }

    std::shared_ptr<void> discard() override
    {
        auto discarded = std::make_shared<pending>(std::move(*pending_));
        pending_.reset();
        return discarded;
    }

    std::optional<pending> pending_;
    const std::shared_ptr<shutdown> context_;
};

}
