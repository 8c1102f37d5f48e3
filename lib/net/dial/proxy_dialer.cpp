#include "net/dial/proxy_dialer.hpp"

#include "core/secret_text.hpp"
#include "net/pool/response_reader.hpp"

#include <doks/failure.hpp>

#include <array>
#include <utility>

namespace doks::net {

namespace {

using boost::system::error_code;
using core::append;

/// Makes one tunnel: dials the proxy, sends CONNECT, reads the header of its response. Its pending operations own it; it is
/// over once `listener_` is null.
class tunnel final : public dialling,
                     public dial_listener,
                     private wire::waiter,
                     public std::enable_shared_from_this<tunnel>
{
public:
    tunnel(std::shared_ptr<const proxy> proxy, const endpoint& to, std::shared_ptr<dial_listener> listener)
        : proxy_(std::move(proxy))
        , to_(to.text())
        , listener_(std::move(listener))
    {}

    void start(dialer& inner, async::executor strand)
    {
        attempt_ = inner.dial(proxy_->where, std::move(strand), shared_from_this());
    }

    void discard() noexcept override
    {
        listener_.reset();
        if (const auto attempt = attempt_.lock()) attempt->discard();
        if (wire_) wire_->close();
    }

private:
    void dial_enters(core::phase next) override { listener_->dial_enters(next); }

    void dial_ended(ended outcome) override
    {
        attempt_.reset();
        if (outcome.failed) {
            outcome.detail =
                "proxy " + proxy_->where.text() + (outcome.detail.empty() ? "" : " (" + outcome.detail + ")");
            return std::exchange(listener_, nullptr)->dial_ended(std::move(outcome));
        }
        wire_ = std::move(outcome.wire);
        append(request_, "CONNECT " + to_ + " HTTP/1.1\r\nHost: " + to_ + "\r\n");
        if (!proxy_->authorization.empty()) {
            append(request_, "Proxy-Authorization: ");
            append(request_, {proxy_->authorization.data(), proxy_->authorization.size()});
            append(request_, "\r\n");
        }
        append(request_, "\r\n");
        reader_.expect_header_only();
        listener_->dial_enters(core::phase::proxy);
        send();
    }

    void ready(error_code failed) override
    {
        if (!listener_) return;
        if (failed) return fail(failed, {});
        written_ < request_.size() ? send() : receive();
    }

    void send()
    {
        while (written_ < request_.size()) {
            const auto moved = wire_->try_send(request_.data() + written_, request_.size() - written_);
            if (moved.error) return fail(moved.error, {});
            if (moved.would_block) return wait(wire::direction::send);
            written_ += moved.bytes;
        }
        wait(wire::direction::receive);
    }

    void receive()
    {
        std::array<char, 1024> piece;
        while (!reader_.complete()) {
            const auto moved = wire_->try_receive(piece.data(), piece.size());
            if (moved.error) return fail(moved.error, {});
            if (moved.would_block) return wait(wire::direction::receive);
            if (moved.bytes == 0) return fail(errc::proxy_unavailable, ": it closed the connection");
            held_.insert(held_.end(), piece.data(), piece.data() + moved.bytes);
            const auto taken = reader_.feed({held_.data(), held_.size()});
            if (taken.error) return fail(errc::proxy_refused, ": its response to CONNECT is not well-formed HTTP");
            held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(taken.bytes));
            if (held_.size() > response_reader::header_limit) return fail(errc::header_too_large, {});
        }
        judge();
    }

    void judge()
    {
        const unsigned status = reader_.status();
        const bool may_pass = status == 502 || status == 503 || status == 504;
        if (status / 100 != 2)
            return fail(may_pass ? errc::proxy_unavailable : errc::proxy_refused,
                " refused CONNECT: " + std::to_string(status));
        if (!held_.empty()) return fail(errc::proxy_refused, ": bytes follow its response to CONNECT");
        ended outcome;
        outcome.wire = std::move(wire_);
        std::exchange(listener_, nullptr)->dial_ended(std::move(outcome));
    }

    void wait(wire::direction to) { wire_->wait(to, std::shared_ptr<wire::waiter>(shared_from_this(), this)); }

    void fail(error_code cause, const std::string& reason)
    {
        ended outcome;
        outcome.failed = cause;
        outcome.at = core::phase::proxy;
        outcome.detail = "proxy " + proxy_->where.text() + reason;
        wire_->close();
        std::exchange(listener_, nullptr)->dial_ended(std::move(outcome));
    }

    std::shared_ptr<const proxy> proxy_;
    std::string to_;
    std::shared_ptr<dial_listener> listener_;
    std::weak_ptr<dialling> attempt_;
    std::unique_ptr<wire> wire_;
    secret_bytes request_;
    std::size_t written_ = 0;
    std::string held_; ///< received, and not yet taken by the reader
    response_reader reader_;
};

class proxy_dialer_type final : public dialer
{
public:
    proxy_dialer_type(std::shared_ptr<dialer> inner, proxy proxy)
        : inner_(std::move(inner))
        , proxy_(std::make_shared<const net::proxy>(std::move(proxy)))
    {}

    std::shared_ptr<dialling> dial(
        const endpoint& to, async::executor strand, std::shared_ptr<dial_listener> listener) override
    {
        auto made = std::make_shared<tunnel>(proxy_, to, std::move(listener));
        made->start(*inner_, std::move(strand));
        return made;
    }

private:
    std::shared_ptr<dialer> inner_;
    std::shared_ptr<const net::proxy> proxy_;
};

}

std::shared_ptr<dialer> proxy_dialer(std::shared_ptr<dialer> inner, proxy proxy)
{
    return std::make_shared<proxy_dialer_type>(std::move(inner), std::move(proxy));
}

}
