#include "support/scripted_network.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace doks::test {

using boost::system::error_code;
namespace asio = boost::asio;

/// The server's side of one connection.
class scripted_network::far_end : public std::enable_shared_from_this<far_end>
{
public:
    far_end(scripted_network& of, unsigned number, async::executor on)
        : network_(of)
        , number_(number)
        , on_(std::move(on))
        , ssl_(SSL_new(of.server_), &SSL_free)
    {
        SSL_set_accept_state(ssl_.get());
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    }

    /// Bytes of the client. They are read later, for OpenSSL's error queue belongs to the end that is at work.
    void take(const char* data, std::size_t size)
    {
        BIO_write(SSL_get_rbio(ssl_.get()), data, static_cast<int>(size));
        asio::post(on_, [self = weak_from_this()] {
            if (const auto alive = self.lock()) alive->work();
        });
    }

    std::size_t give(char* into, std::size_t size)
    {
        const std::size_t moved = (std::min)(size, outbound_.size());
        std::memcpy(into, outbound_.data(), moved);
        outbound_.erase(0, moved);
        return moved;
    }

    void send(const scripted_answer& what)
    {
        if (closed_ || broken_) return;
        for (const auto* each : {&what.bytes, &what.behind})
            if (!each->empty()) SSL_write(ssl_.get(), each->data(), static_cast<int>(each->size()));
        if (what.close) SSL_shutdown(ssl_.get());
        flush();
        closed_ = closed_ || what.close;
        broken_ = broken_ || what.reset;
        wake();
    }

    bool has_bytes() const noexcept { return !outbound_.empty(); }
    bool closed() const noexcept { return closed_; }
    bool broken() const noexcept { return broken_; }
    void hang_up() { closed_ = true; }
    /// A waiting handler owns the objects that own this.
    void forget() { waiting_.reset(); }

    void wait(std::shared_ptr<net::wire::waiter> who) { waiting_ = std::move(who); }

    void wake()
    {
        if (!waiting_) return;
        asio::post(on_, [who = std::exchange(waiting_, nullptr)] { who->ready(error_code()); });
    }

private:
    /// Handshakes, reads requests and sends responses as far as the bytes go.
    void work()
    {
        if (!SSL_is_init_finished(ssl_.get())) SSL_do_handshake(ssl_.get());
        char buffer[4096];
        int got = 0;
        while ((got = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0)
            inbound_.append(buffer, static_cast<std::size_t>(got));
        ERR_clear_error();
        flush();
        wake();
        for (auto end = inbound_.find("\r\n\r\n"); end != std::string::npos; end = inbound_.find("\r\n\r\n")) {
            seen_request seen{number_, ++ordinal_, inbound_.substr(0, end + 4)};
            inbound_.erase(0, end + 4);
            network_.requests_.push_back(seen);
            meet(network_.meets_(seen));
        }
    }

    /// Sends a response, after its delay.
    void meet(scripted_answer answer)
    {
        if (answer.silent) return;
        const auto delay = answer.delay;
        auto act = [self = weak_from_this(), answer = std::move(answer)] {
            if (const auto alive = self.lock()) alive->send(answer);
        };
        if (delay == core::duration::zero())
            act();
        else
            network_.clock_->at(network_.clock_->steady_now() + delay, std::move(act));
    }

    void flush()
    {
        char buffer[4096];
        int got = 0;
        while ((got = BIO_read(SSL_get_wbio(ssl_.get()), buffer, sizeof buffer)) > 0)
            outbound_.append(buffer, static_cast<std::size_t>(got));
    }

    scripted_network& network_;
    unsigned number_;
    unsigned ordinal_ = 0;
    async::executor on_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    std::string inbound_;
    std::string outbound_;
    bool closed_ = false;
    bool broken_ = false;
    std::shared_ptr<net::wire::waiter> waiting_;
};

/// The client's end: hands bytes over to far_end at once.
class scripted_network::near_wire final : public net::wire
{
public:
    explicit near_wire(std::shared_ptr<far_end> to)
        : end_(std::move(to))
    {}
    ~near_wire() override { near_wire::close(); }

    transfer try_send(const char* data, std::size_t size) override
    {
        if (!end_) return {0, asio::error::bad_descriptor, false};
        if (end_->broken()) return {0, asio::error::connection_reset, false};
        if (end_->closed()) return {0, asio::error::broken_pipe, false};
        end_->take(data, size);
        return {size, {}, false};
    }
    transfer try_receive(char* data, std::size_t size) override
    {
        if (!end_) return {0, asio::error::bad_descriptor, false};
        if (const auto moved = end_->give(data, size)) return {moved, {}, false};
        if (end_->broken()) return {0, asio::error::connection_reset, false};
        if (end_->closed()) return {0, {}, false};
        return {0, {}, true};
    }
    void wait(direction which, std::shared_ptr<waiter> who) override
    {
        end_->wait(std::move(who));
        if (which == direction::send || end_->has_bytes() || end_->closed() || end_->broken()) end_->wake();
    }
    void close() noexcept override
    {
        if (!end_) return;
        end_->hang_up();
        end_->wake();
        end_.reset();
    }
    std::string peer() const override { return "memory"; }

private:
    std::shared_ptr<far_end> end_;
};

scripted_network::scripted_network(std::shared_ptr<manual_clock> time, SSL_CTX* server, script meets)
    : clock_(std::move(time))
    , server_(server)
    , meets_(std::move(meets))
{}

std::shared_ptr<net::dialling> scripted_network::dial(
    const net::endpoint&, async::executor on, std::shared_ptr<net::dial_listener> who)
{
    struct attempt final : net::dialling
    {
        void discard() noexcept override { listener.reset(); }
        std::shared_ptr<net::dial_listener> listener;
    };
    auto made = std::make_shared<attempt>();
    made->listener = std::move(who);
    const unsigned number = ++dials_;
    asio::post(on, [made] {
        if (made->listener) made->listener->dial_enters(core::phase::connect);
    });
    auto connect = [self = shared_from_this(), on, made, number] {
        asio::post(on, [self, on, made, number] {
            if (!made->listener) return;
            net::dial_listener::ended how;
            how.failed = self->refused_;
            how.detail = "memory";
            if (!how.failed) {
                auto end = std::make_shared<far_end>(*self, number, on);
                self->ends_.push_back(end);
                how.wire = std::make_unique<near_wire>(std::move(end));
            }
            std::exchange(made->listener, nullptr)->dial_ended(std::move(how));
        });
    };
    if (dial_time_ == core::duration::zero())
        connect();
    else
        clock_->at(clock_->steady_now() + dial_time_, std::move(connect));
    return made;
}

void scripted_network::close_all(bool orderly)
{
    for (const auto& each : ends_)
        if (const auto end = each.lock()) end->send({{}, {}, orderly, !orderly, false});
}

void scripted_network::send_unasked(const std::string& bytes)
{
    for (const auto& each : ends_)
        if (const auto end = each.lock()) end->send({bytes, {}, false, false, false});
}

void scripted_network::stop()
{
    for (const auto& each : ends_)
        if (const auto end = each.lock()) end->forget();
}

unsigned scripted_network::open() const
{
    return static_cast<unsigned>(std::count_if(ends_.begin(), ends_.end(), [](const auto& each) {
        const auto end = each.lock();
        return end && !end->closed() && !end->broken();
    }));
}

}
