#include "net/pool/warm_up.hpp"

#include "net/shared_transport.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <utility>

namespace doks::net {

namespace {

/// One `warm_up`, on the client's strand: holds each connection until all are open or failed, so that the pool opens as many.
/// The transport's list owns it until it has finished.
class warming final : public pending_operation, private core::timer, public std::enable_shared_from_this<warming>
{
public:
    using completion = async::completion<void(std::size_t)>;

    warming(std::shared_ptr<shared_transport> transport, std::size_t count, completion::handler handler)
        : transport_(std::move(transport))
        , wanted_(count)
        , done_(std::move(handler), transport_->home())
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
    /// Waits for one connection, then holds it.
    struct place final : connection_pool::user
    {
        explicit place(warming& owner)
            : warm_up(owner)
        {}
        ~place() { leave(); }
        void leased(connection& connection) override
        {
            held = &connection;
            warm_up.settled();
        }
        void not_connected(core::outcome, std::string) override
        {
            failed = true;
            warm_up.settled();
        }
        void answered(connection&) override {}
        void leave()
        {
            if (!held && !failed) warm_up.transport_->pool().withdraw(*this);
        }

        warming& warm_up;
        net::connection* held = nullptr;
        bool failed = false;
    };

    void due(core::instant) override { finish(); }

    /// Posted, for this may run within `acquire`.
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
        for (auto& user : places_) user.leave();
        for (auto& user : places_)
            if (user.held) {
                ++ready;
                transport_->pool().release(*user.held, true);
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

void warm_up(const std::shared_ptr<shared_transport>& transport, std::size_t connections,
    asio::any_completion_handler<void(std::size_t)> handler)
{
    const auto count = (std::min)(connections, transport->pool().max_connections());
    auto made = std::make_shared<warming>(transport, count, std::move(handler));
    made->on_cancel([weak = std::weak_ptr<warming>(made)] {
        if (const auto alive = weak.lock()) alive->cancel_later();
    });
    asio::post(transport->strand(), [made = std::move(made)] { made->start(); });
}

}
