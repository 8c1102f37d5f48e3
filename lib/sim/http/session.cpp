#include "sim/http/session.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <utility>

namespace doks::sim {

namespace {

/** Tells the service that a request is over, whichever way the coroutine is left. */
class request_guard
{
public:
    explicit request_guard(service& service)
        : service_(service)
    {}
    ~request_guard() { service_.request_ended(); }

    request_guard(const request_guard&) = delete;
    request_guard& operator=(const request_guard&) = delete;

private:
    service& service_;
};

}

session::session(
    asio::ip::tcp::socket socket, asio::ssl::context* tls, service& service, session_rules rules, std::uint64_t number)
    : wire_(std::move(socket), tls)
    , service_(service)
    , rules_(rules)
    , number_(number)
    , pause_timer_(wire_.executor())
    , idle_timer_(wire_.executor())
{}

session::~session() { service_.connection_closed(); }

asio::awaitable<void> session::run()
{
    bool open_now = co_await open();
    while (open_now) open_now = co_await serve_one();
}

void session::drain()
{
    draining_ = true;
    if (idle_) wire_.interrupt();
}

asio::awaitable<bool> session::open()
{
    fault fault = service_.connection_fault();
    if (fault.kind == fault_kind::refuse) co_return co_await end(ending::reset);
    if (fault.kind == fault_kind::stall_handshake) co_return co_await end(ending::hold);
    bool shaken = co_await wire_.handshake();
    client_certificate_ = wire_.client_certificate();
    co_return shaken;
}

asio::awaitable<bool> session::serve_one()
{
    bool received = co_await receive();
    if (!received) co_return co_await end(ending::close);
    request_guard guard(service_);
    fault_decision decision = service_.decide_request(request_);
    co_await pause(decision.request_latency);
    http_response response = service_.respond(request_, decision, number_, client_certificate_);
    co_await pause(decision.response_latency);
    std::string bytes = response.status == 0 ? std::string() : compose(response);
    delivery delivery = deliver(std::move(bytes), decision);
    if (delivery.after == ending::keep && (!request_.keep_alive || draining_)) delivery.after = ending::close;
    co_return co_await send(std::move(delivery));
}

asio::awaitable<bool> session::receive()
{
    std::array<char, std::size_t(16) * 1024> chunk;
    while (true) {
        std::size_t consumed = 0;
        parsing progress = parse_request(received_, request_, consumed);
        if (progress == parsing::complete) {
            received_.erase(0, consumed);
            co_return true;
        }
        if (progress == parsing::broken) {
            co_await refuse_request();
            co_return false;
        }
        if (draining_ && received_.empty()) co_return false;
        idle_ = received_.empty();
        if (idle_) arm_idle_timer();
        std::size_t size = co_await wire_.read_some(asio::buffer(chunk));
        idle_ = false;
        if (size == 0) co_return false;
        received_.append(chunk.data(), size);
    }
}

asio::awaitable<void> session::refuse_request()
{
    http_response response;
    response.status = 400;
    response.body = R"({"id":"bad_request","message":"This is no HTTP request."})";
    std::string bytes = serialise(response, {.close = true});
    co_await wire_.write(asio::buffer(bytes));
}

std::string session::compose(const http_response& response)
{
    ++served_;
    bool last = rules_.max_requests != 0 && served_ >= rules_.max_requests;
    if (last) request_.keep_alive = false;
    return serialise(response, {.chunked = rules_.chunked, .close = !request_.keep_alive || draining_});
}

asio::awaitable<bool> session::send(delivery delivery)
{
    bool sent = false;
    if (delivery.pace.count() > 0) {
        sent = co_await drip(delivery);
    } else {
        if (delivery.stray_after.count() == 0) delivery.bytes += std::exchange(delivery.stray, {});
        sent = true;
        if (!delivery.bytes.empty()) sent = co_await wire_.write(asio::buffer(delivery.bytes));
    }
    if (sent && !delivery.stray.empty()) {
        co_await pause(delivery.stray_after);
        sent = co_await wire_.write(asio::buffer(delivery.stray));
    }
    co_return co_await end(sent ? delivery.after : ending::reset);
}

asio::awaitable<bool> session::drip(const delivery& delivery)
{
    for (const char& byte : delivery.bytes) {
        bool sent = co_await wire_.write(asio::buffer(&byte, 1));
        if (!sent) co_return false;
        co_await pause(delivery.pace);
    }
    co_return true;
}

asio::awaitable<bool> session::end(ending ending)
{
    if (ending == ending::keep) co_return true;
    if (ending == ending::hold) co_await wire_.outlast_peer();
    if (ending == ending::close)
        co_await wire_.close();
    else if (ending == ending::cut)
        wire_.cut();
    else
        wire_.reset();
    co_return false;
}

asio::awaitable<void> session::pause(std::chrono::nanoseconds duration)
{
    if (duration.count() <= 0) co_return;
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    pause_timer_.expires_after(duration);
    co_await pause_timer_.async_wait(token);
}

void session::arm_idle_timer()
{
    if (rules_.close_idle_after.count() <= 0) return;
    idle_timer_.expires_after(rules_.close_idle_after);
    idle_timer_.async_wait([self = weak_from_this()](boost::system::error_code error) {
        auto still = self.lock();
        if (still && !error && still->idle_) still->drain();
    });
}

}
