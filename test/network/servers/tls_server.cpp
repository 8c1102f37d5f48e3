#include "network/servers/tls_server.hpp"

#include "network/servers/sockets.hpp"
#include "support/virtual_world.hpp"

#include <array>
#include <csignal>
#include <future>
#include <utility>

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <openssl/err.h>

// One thread that serves many TLS connections by poll, and ends them on command.

namespace doks::test {

/// A connection of a client.
struct tls_server::peer
{
    std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, &SSL_free};
    std::string inbound;
    unsigned answers = 0;
};

namespace {

void watch(int poll, int fd)
{
    epoll_event what{};
    what.events = EPOLLIN;
    what.data.fd = fd;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &what);
}

/// OpenSSL writes to sockets as it likes; only this thread shall not mind.
void block_broken_pipes()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}

tls_server::tls_server(unsigned resets_after)
    : resets_after_(resets_after)
    , listener_(listen_on_loopback(port_, SOCK_NONBLOCK))
    , wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    , poll_(::epoll_create1(EPOLL_CLOEXEC))
{
    watch(poll_, listener_);
    watch(poll_, wake_);
    thread_ = std::thread([this] { serve(); });
}

tls_server::~tls_server()
{
    command([this] { stopping_ = true; });
    thread_.join();
    for (const auto& [fd, each] : peers_) ::close(fd);
    for (int fd : {listener_, wake_, poll_}) ::close(fd);
}

client_config tls_server::config() const
{
    client_config made;
    made.api_url = url();
    made.tls.ca_file = authority_.ca_file();
    made.token = token("a-token-of-the-test");
    made.rate_limit.clear();
    return made;
}

void tls_server::command(std::function<void()> what)
{
    std::promise<void> done;
    {
        const std::lock_guard lock(guard_);
        commands_.push_back([&] {
            what();
            done.set_value();
        });
    }
    ::eventfd_write(wake_, 1);
    done.get_future().wait();
}

void tls_server::end_all(ending how)
{
    command([this, how] {
        while (!peers_.empty()) end(peers_.begin()->first, how);
    });
}

void tls_server::fidget()
{
    command([this] {
        asks_back_ = !asks_back_;
        for (const auto& [fd, each] : peers_) {
            SSL_new_session_ticket(each->tls.get());
            SSL_do_handshake(each->tls.get());
            SSL_key_update(each->tls.get(), asks_back_ ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
            SSL_do_handshake(each->tls.get());
        }
    });
}

void tls_server::serve()
{
    block_broken_pipes();
    std::array<epoll_event, 64> ready;
    while (!stopping_) {
        const int count = ::epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = ready[static_cast<std::size_t>(i)].data.fd;
            fd == wake_ ? obey() : fd == listener_ ? accept_all() : work(fd);
        }
    }
}

void tls_server::obey()
{
    eventfd_t ignored;
    ::eventfd_read(wake_, &ignored);
    std::vector<std::function<void()>> now;
    {
        const std::lock_guard lock(guard_);
        now.swap(commands_);
    }
    for (const auto& each : now) each();
}

void tls_server::accept_all()
{
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0;) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        auto made = std::make_unique<peer>();
        made->tls.reset(SSL_new(authority_.context()));
        SSL_set_fd(made->tls.get(), fd);
        SSL_set_accept_state(made->tls.get());
        peers_.emplace(fd, std::move(made));
        watch(poll_, fd);
        ++accepted_;
    }
}

void tls_server::work(int fd)
{
    const auto found = peers_.find(fd);
    if (found == peers_.end()) return;
    peer& of = *found->second;
    std::array<char, 4096> piece;
    ERR_clear_error();
    int got = 0;
    while ((got = SSL_read(of.tls.get(), piece.data(), piece.size())) > 0)
        of.inbound.append(piece.data(), static_cast<std::size_t>(got));
    const bool open = SSL_get_error(of.tls.get(), got) == SSL_ERROR_WANT_READ;
    answer(of);
    if (!open) return end(fd, ending::finish);
    if (resets_after_ == 0 || of.answers < resets_after_) return;
    ++resets_;
    end(fd, ending::reset);
}

void tls_server::answer(peer& with)
{
    for (auto end = with.inbound.find("\r\n\r\n"); end != std::string::npos; end = with.inbound.find("\r\n\r\n")) {
        const auto target = with.inbound.substr(4, with.inbound.find(' ', 4) - 4);
        with.inbound.erase(0, end + 4);
        const auto text = http_answer(200, kubeconfig_text(id_in(target)));
        SSL_write(with.tls.get(), text.data(), static_cast<int>(text.size()));
        ++with.answers;
        ++requests_;
    }
}

void tls_server::end(int fd, ending how)
{
    const auto found = peers_.find(fd);
    if (how == ending::goodbye) SSL_shutdown(found->second->tls.get());
    const linger at_once{1, 0};
    if (how == ending::reset) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    peers_.erase(found);
    ::close(fd);
}

}
