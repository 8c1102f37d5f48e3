#include "tls/servers/tls_server.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

// One connection of tls_server: records, alerts and requests, step by step.

namespace doks::test {

tls_link::tls_link(int socket, SSL_CTX* context, const server_profile& how, seen_connection& seen, std::mutex& guard)
    : socket_(socket)
    , how_(how)
    , seen_(seen)
    , guard_(guard)
    , ssl_(SSL_new(context))
{
    SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_app_data(ssl_, this);
    SSL_set_accept_state(ssl_);
}

tls_link::~tls_link()
{
    if (SSL_is_init_finished(ssl_)) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
}

bool tls_link::receive()
{
    char piece[16384];
    const auto got = ::recv(socket_, piece, sizeof piece, 0);
    if (got <= 0) return false;
    const std::lock_guard lock(guard_);
    seen_.raw.append(piece, static_cast<std::size_t>(got));
    BIO_write(SSL_get_rbio(ssl_), piece, static_cast<int>(got));
    return true;
}

void tls_link::note_hello(std::string sni, std::string alpn, bool early_data)
{
    const std::lock_guard lock(guard_);
    seen_.sni = std::move(sni);
    seen_.alpn = std::move(alpn);
    seen_.early_data = early_data;
}

bool tls_link::handshake()
{
    for (;;) {
        ERR_clear_error();
        const int got = SSL_do_handshake(ssl_);
        const int why = SSL_get_error(ssl_, got);
        const auto first = ERR_peek_error();
        const bool flushed = flush();
        if (got == 1) return flushed;
        if (why == SSL_ERROR_WANT_READ && flushed && receive()) continue;
        const std::lock_guard lock(guard_);
        const char* const reason = first ? ERR_reason_error_string(first) : nullptr;
        seen_.refused = reason ? reason : "the peer ended";
        return false;
    }
}

std::string tls_link::read_request()
{
    for (;;) {
        const auto end = pending_.find("\r\n\r\n");
        if (end != std::string::npos) {
            const auto request = pending_.substr(0, end + 4);
            pending_.erase(0, end + 4);
            return request;
        }
        char piece[4096];
        ERR_clear_error();
        const int got = SSL_read(ssl_, piece, sizeof piece);
        const int why = SSL_get_error(ssl_, got);
        if (!flush()) return {};
        if (got > 0) {
            pending_.append(piece, static_cast<std::size_t>(got));
            const std::lock_guard lock(guard_);
            seen_.plain.append(piece, static_cast<std::size_t>(got));
        } else if (why != SSL_ERROR_WANT_READ || !receive())
            return {};
    }
}

bool tls_link::write(std::string_view bytes)
{
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0 && flush();
}

bool tls_link::flush()
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(ssl_), &data);
    const bool sent = size <= 0 || send_raw({data, static_cast<std::size_t>(size)});
    BIO_reset(SSL_get_wbio(ssl_));
    return sent;
}

bool tls_link::send_raw(std::string_view bytes)
{
    if (cut_) return false;
    const auto room = how_.cut_after - seen_.sent;
    if (bytes.size() < room) return push(bytes);
    cut_ = true;
    push(bytes.substr(0, room));
    if (how_.then == server_profile::cut::end) end();
    if (how_.then == server_profile::cut::reset) reset();
    if (how_.then == server_profile::cut::stall) drain();
    return false;
}

bool tls_link::push(std::string_view bytes)
{
    {
        const std::lock_guard lock(guard_);
        for (std::size_t i = 0; i < bytes.size();) {
            if (record_left_ == 0) {
                records_ += bytes[i++];
                if (records_.size() < 5) continue;
                const auto high = static_cast<unsigned char>(records_[3]),
                           low = static_cast<unsigned char>(records_[4]);
                record_left_ = std::size_t(high) * 256 + low;
                records_.clear();
            } else {
                const auto part = (std::min)(record_left_, bytes.size() - i);
                i += part;
                record_left_ -= part;
                if (record_left_ == 0) seen_.record_ends.push_back(seen_.sent + i);
            }
        }
        seen_.sent += bytes.size();
    }
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void tls_link::drain()
{
    while (receive()) BIO_reset(SSL_get_rbio(ssl_));
}

void tls_link::end()
{
    ::shutdown(socket_, SHUT_WR);
    drain();
}

void tls_link::reset()
{
    const linger at_once{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const int nowhere = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::dup2(nowhere, socket_);
    ::close(nowhere);
}

}
