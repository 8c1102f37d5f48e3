#include "net/pool/warm_up.hpp"

#include "net/shared_transport.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <utility>

namespace doks::net {

namespace {

class warming final : public pending_operation, private core::timer, public std::enable_shared_from_this<warming>
{
public:
    using completion = async::completion<void(std::size_t)>;

    warming(std::shared_ptr<shared_transport> which, std::size_t count, completion::handler who)
        : transport_(std::move(which))
        , wanted_(count)
        , done_(std::move(who), transport_->home())
    {}
    ~warming() override { transport_->timers().clear(*this); }

    template <class Cancel> void on_cancel(Cancel cancel) { done_.on_cancel(std::move(cancel)); }

    void start()
    {
        listed_ = transport_->enlist(shared_from_this());
        if (!listed_) return finish();
        transport_->timers().set(*this, transport_->timers().now() + transport_->timeouts().pool);
        for (std::size_t i = 0; i < wanted_ && !over_; ++i) transport_->acquire(places_.emplace_back(*this));
        if (wanted_ == 0) settled();
    }

    void cancel(boost::system::error_code) override { finish(); }
    void cancel_later()
    {
        asio::post(transport_->strand(), [self = shared_from_this()] { self->finish(); });
    }
    bool waits_for_quota() const noexcept override { return false; }

private:
    /// One connection that is waited for, then held.
    struct place final : connection_pool::user
    {
        explicit place(warming& whose)
            : of(whose)
        {}
        ~place() { leave(); }
        void leased(connection& which) override
        {
            held = &which;
            of.settled();
        }
        void not_connected(core::outcome, std::string) override
        {
            failed = true;
            of.settled();
        }
        void answered(connection&) override {}
        void leave()
        {
            if (!held && !failed) of.transport_->pool().withdraw(*this);
        }

        warming& of;
        connection* held = nullptr;
        bool failed = false;
    };

    void due(core::instant) override { finish(); }

    void settled()
    {
        if (++settled_ < wanted_) return;
        asio::post(transport_->strand(), [self = shared_from_this()] { self->finish(); });
    }

    void finish()
    {
        if (std::exchange(over_, true)) return;
        transport_->timers().clear(*this);
        std::size_t ready = 0;
        for (auto& each : places_) each.leave();
        for (auto& each : places_)
            if (each.held) {
                ++ready;
                transport_->pool().release(*each.held, true);
            }
        done_.finish([ready] { return std::tuple<std::size_t>(ready); });
        const auto last = listed_ ? transport_->dismiss(*this) : nullptr;
    }

    std::shared_ptr<shared_transport> transport_;
    const std::size_t wanted_;
    std::size_t settled_ = 0;
    bool listed_ = false;
    bool over_ = false;
    std::list<place> places_;
    completion done_;
};

}

void warm_up(const std::shared_ptr<shared_transport>& which, std::size_t connections,
    asio::any_completion_handler<void(std::size_t)> handler)
{
    const auto most = (std::min)(connections, which->pool().most());
    auto made = std::make_shared<warming>(which, most, std::move(handler));
    made->on_cancel([weak = std::weak_ptr<warming>(made)] {
        if (const auto alive = weak.lock()) alive->cancel_later();
    });
    asio::post(which->strand(), [made = std::move(made)] { made->start(); });
}

}
