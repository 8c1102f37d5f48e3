#include "sim/session.hpp"

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
    explicit request_guard(service& what)
        : service_(what)
    {}
    ~request_guard() { service_.request_ended(); }

    request_guard(const request_guard&) = delete;
    request_guard& operator=(const request_guard&) = delete;

private:
    service& service_;
};

}

session::session(
    asio::ip::tcp::socket socket, asio::ssl::context* tls, service& what, session_rules rules, std::uint64_t number)
    : wire_(std::move(socket), tls)
    , service_(what)
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
    fault met = service_.meet_connection();
    if (met.kind == fault_kind::refuse) co_return co_await end(ending::reset);
    if (met.kind == fault_kind::stall_handshake) co_return co_await end(ending::hold);
    bool shaken = co_await wire_.handshake();
    client_certificate_ = wire_.client_certificate();
    co_return shaken;
}

asio::awaitable<bool> session::serve_one()
{
    bool received = co_await receive();
    if (!received) co_return co_await end(ending::close);
    request_guard guard(service_);
    ordeal met = service_.meet_request(request_);
    co_await pause(met.way_there);
    reply answer = service_.answer(request_, met, number_, client_certificate_);
    co_await pause(met.way_back);
    std::string response = answer.status == 0 ? std::string() : compose(answer);
    delivery what = deliver(std::move(response), met);
    if (what.after == ending::keep && (!request_.keep_alive || draining_)) what.after = ending::close;
    co_return co_await send(std::move(what));
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
    reply answer;
    answer.status = 400;
    answer.body = R"({"id":"bad_request","message":"This is no HTTP request."})";
    std::string response = serialise(answer, {.close = true});
    co_await wire_.write(asio::buffer(response));
}

std::string session::compose(const reply& answer)
{
    ++served_;
    bool last = rules_.max_requests != 0 && served_ >= rules_.max_requests;
    if (last) request_.keep_alive = false;
    return serialise(answer, {.chunked = rules_.chunked, .close = !request_.keep_alive || draining_});
}

asio::awaitable<bool> session::send(delivery what)
{
    bool sent = false;
    if (what.pace.count() > 0) {
        sent = co_await drip(what);
    } else {
        if (what.stray_after.count() == 0) what.bytes += std::exchange(what.stray, {});
        sent = true;
        if (!what.bytes.empty()) sent = co_await wire_.write(asio::buffer(what.bytes));
    }
    if (sent && !what.stray.empty()) {
        co_await pause(what.stray_after);
        sent = co_await wire_.write(asio::buffer(what.stray));
    }
    co_return co_await end(sent ? what.after : ending::reset);
}

asio::awaitable<bool> session::drip(const delivery& what)
{
    for (const char& byte : what.bytes) {
        bool sent = co_await wire_.write(asio::buffer(&byte, 1));
        if (!sent) co_return false;
        co_await pause(what.pace);
    }
    co_return true;
}

asio::awaitable<bool> session::end(ending how)
{
    if (how == ending::keep) co_return true;
    if (how == ending::hold) co_await wire_.outlast_peer();
    if (how == ending::close)
        co_await wire_.close();
    else if (how == ending::cut)
        wire_.cut();
    else
        wire_.reset();
    co_return false;
}

asio::awaitable<void> session::pause(std::chrono::nanoseconds how_long)
{
    if (how_long.count() <= 0) co_return;
    boost::system::error_code ignored;
    auto token = asio::redirect_error(asio::use_awaitable, ignored);
    pause_timer_.expires_after(how_long);
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
