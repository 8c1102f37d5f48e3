#include "net/pool/cutting_network.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

// A wire that forwards so many bytes and then breaks, between the client and the scripted network.

namespace doks::test {

namespace asio = boost::asio;

/// Counts the bytes of its wire, and ends it at the byte where the scissors are set.
class cutting_network::cut_wire final : public net::wire
{
public:
    cut_wire(std::unique_ptr<net::wire> below, std::shared_ptr<scissors> by, async::executor on)
        : below_(std::move(below))
        , by_(std::move(by))
        , on_(std::move(on))
    {}

    transfer try_send(const char* data, std::size_t size) override
    {
        if (broken_) return {0, asio::error::connection_reset, false};
        const std::size_t some = (std::min)(size, by_->sends);
        if (some < size) broken_ = true;
        if (some == 0) return {0, asio::error::connection_reset, false};
        if (by_->sends != whole) by_->sends -= some;
        by_->sent += some;
        return below_->try_send(data, some);
    }
    transfer try_receive(char* into, std::size_t size) override
    {
        if (broken_) return {0, asio::error::connection_reset, false};
        if (by_->receives == 0) return cut_off();
        const auto got = below_->try_receive(into, (std::min)(size, by_->receives));
        if (by_->receives != whole) by_->receives -= got.bytes;
        by_->received += got.bytes;
        return got;
    }
    void wait(direction which, std::shared_ptr<waiter> who) override
    {
        const bool ended = by_->receives == 0 && which == direction::receive;
        if (broken_ || (ended && by_->how != cut::silent))
            asio::post(on_, [who = std::move(who)] { who->ready({}); });
        else if (ended)
            held_ = std::move(who);
        else
            below_->wait(which, std::move(who));
    }
    void close() noexcept override
    {
        held_.reset();
        below_->close();
    }
    std::string peer() const override { return below_->peer(); }

private:
    transfer cut_off() const
    {
        switch (by_->how) {
        case cut::fin:
            return {0, {}, false};
        case cut::reset:
            return {0, asio::error::connection_reset, false};
        default:
            return {0, {}, true};
        }
    }

    std::unique_ptr<net::wire> below_;
    std::shared_ptr<scissors> by_;
    async::executor on_;
    bool broken_ = false;
    std::shared_ptr<waiter> held_;
};

/// Hands on what the network below says, with scissors at the wire.
class cutting_network::cut_dial final : public net::dial_listener
{
public:
    cut_dial(std::shared_ptr<net::dial_listener> who, std::shared_ptr<scissors> by, async::executor on)
        : who_(std::move(who))
        , by_(std::move(by))
        , on_(std::move(on))
    {}
    void dial_enters(core::phase next) override { who_->dial_enters(next); }
    void dial_ended(ended how) override
    {
        if (how.wire) how.wire = std::make_unique<cut_wire>(std::move(how.wire), by_, on_);
        who_->dial_ended(std::move(how));
    }

private:
    std::shared_ptr<net::dial_listener> who_;
    std::shared_ptr<scissors> by_;
    async::executor on_;
};

std::shared_ptr<net::dialling> cutting_network::dial(
    const net::endpoint& where, async::executor on, std::shared_ptr<net::dial_listener> who)
{
    last_ = std::make_shared<scissors>();
    last_->sends = std::exchange(next_sends_, whole);
    return below_->dial(where, on, std::make_shared<cut_dial>(std::move(who), last_, on));
}

}
