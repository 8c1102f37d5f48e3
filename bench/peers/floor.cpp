// The floor: a prebuilt request over blocking OpenSSL connections, and no HTTP parser. With several connections it waits
// for them in the order in which it asked, so that it needs no event loop.

#include "peers/peer.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <stdexcept>
#include <utility>

namespace {

int connected_socket(const peers::order& what)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(what.port);
    ::inet_pton(AF_INET, what.host.c_str(), &to.sin_addr);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error("connect");
    return fd;
}

class line
{
public:
    line(SSL_CTX* tls, const peers::order& what)
        : socket_(connected_socket(what))
        , ssl_(peers::make_connection(tls, what))
    {
        SSL_set_fd(ssl_.get(), socket_);
        if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("handshake");
    }
    ~line() { ::close(socket_); }
    line(line&& from) noexcept
        : socket_(std::exchange(from.socket_, -1))
        , ssl_(std::move(from.ssl_))
    {}
    line& operator=(line&&) = delete;

    void ask(const std::string& request)
    {
        asked_at_ = std::chrono::steady_clock::now();
        if (SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size())) <= 0)
            throw std::runtime_error("write");
    }

    void read_answer(peers::meter& to)
    {
        std::size_t got = 0, head = 0, length = 0;
        do {
            const int more = SSL_read(ssl_.get(), buffer_ + got, static_cast<int>(sizeof buffer_ - got));
            if (more <= 0) throw std::runtime_error("read");
            got += static_cast<std::size_t>(more);
            const std::string_view seen(buffer_, got);
            if (const auto end = seen.find("\r\n\r\n"); head == 0 && end != std::string_view::npos) {
                head = end + 4;
                length = static_cast<std::size_t>(std::atoi(buffer_ + seen.find("\r\nContent-Length: ") + 18));
            }
        } while (head == 0 || got < head + length);
        to.answered(asked_at_, static_cast<unsigned>(std::atoi(buffer_ + 9)), got - head);
    }

private:
    int socket_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    peers::meter::instant asked_at_{};
    char buffer_[8 * 1024];
};

/// Reads the response of one after the other, and asks again on it at once, so that the server has something to do.
void ask_everything(std::vector<line>& lines, const std::string& request, peers::meter& by)
{
    std::deque<line*> waiting;
    for (auto& each : lines) {
        if (!by.take()) break;
        each.ask(request);
        waiting.push_back(&each);
    }
    while (!waiting.empty()) {
        line& first = *waiting.front();
        waiting.pop_front();
        first.read_answer(by);
        if (!by.take()) continue;
        first.ask(request);
        waiting.push_back(&first);
    }
}

}

int main(int argc, char** argv)
{
    const auto what = peers::read_order(argc, argv);
    peers::meter by(what);
    const auto tls = peers::make_tls(what);
    const auto request = peers::request_text(what);
    std::vector<line> lines;
    for (std::size_t i = 0; i < what.connections; ++i) lines.emplace_back(tls.get(), what);
    by.warm_up();
    ask_everything(lines, request, by);
    by.begin();
    ask_everything(lines, request, by);
    by.report("floor");
    return 0;
}
