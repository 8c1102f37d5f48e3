#include "sim/https_client.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

// A blocking client on OpenSSL and sockets; see https_client.hpp.

namespace sim_test {

namespace {

template <class Read> auto from_pem(const std::string& pem, Read read)
{
    BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    auto made = read(in, nullptr, nullptr, nullptr);
    BIO_free(in);
    if (!made) throw std::runtime_error("the PEM cannot be read");
    return made;
}

void trust(SSL_CTX* context, const std::string& ca_pem)
{
    X509* ca = from_pem(ca_pem, PEM_read_bio_X509);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
    X509_free(ca);
}

void show(SSL_CTX* context, const client_identity& self)
{
    X509* certificate = from_pem(self.certificate, PEM_read_bio_X509);
    EVP_PKEY* key = from_pem(self.key, PEM_read_bio_PrivateKey);
    SSL_CTX_use_certificate(context, certificate);
    SSL_CTX_use_PrivateKey(context, key);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/** The length of the chunked body at the front, its decoded form in `into`; nullopt while it is not complete. */
std::optional<std::size_t> take_chunks(std::string_view text, std::string& into)
{
    std::size_t at = 0;
    while (true) {
        std::size_t end = text.find("\r\n", at);
        if (end == text.npos) return std::nullopt;
        std::size_t size = std::stoul(std::string(text.substr(at, end - at)), nullptr, 16);
        if (text.size() < end + 2 + size + 2) return std::nullopt;
        into += text.substr(end + 2, size);
        at = end + 2 + size + 2;
        if (size == 0) return at;
    }
}

}

std::string response::header(std::string_view name) const
{
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

bool response::has(std::string_view name) const
{
    return std::any_of(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
}

std::optional<response> take_response(std::string& received)
{
    std::size_t end = received.find("\r\n\r\n");
    if (end == received.npos || !received.starts_with("HTTP/1.1 ")) return std::nullopt;
    response result;
    result.status = static_cast<unsigned>(std::stoul(received.substr(9, 3)));
    std::size_t at = received.find("\r\n") + 2;
    while (at < end + 2) {
        std::size_t stop = received.find("\r\n", at);
        std::string line = received.substr(at, stop - at);
        std::size_t colon = line.find(": ");
        result.headers.emplace_back(lower(line.substr(0, colon)), line.substr(colon + 2));
        at = stop + 2;
    }
    std::size_t size = 0;
    if (result.header("transfer-encoding") == "chunked") {
        auto chunks = take_chunks(std::string_view(received).substr(end + 4), result.body);
        if (!chunks) return std::nullopt;
        size = *chunks;
    } else {
        size = std::stoul("0" + result.header("content-length"));
        if (received.size() < end + 4 + size) return std::nullopt;
        result.body = received.substr(end + 4, size);
    }
    result.raw = received.substr(0, end + 4 + size);
    received.erase(0, end + 4 + size);
    result.after = finish::complete;
    return result;
}

https_client::https_client(std::string_view origin, const std::string& ca_pem, std::chrono::milliseconds patience,
    std::optional<client_identity> self)
{
    std::signal(SIGPIPE, SIG_IGN);
    std::size_t colon = origin.rfind(':');
    std::string host(origin.substr(origin.find("//") + 2, colon - origin.find("//") - 2));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(std::string(origin.substr(colon + 1)))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{patience.count() / 1000, patience.count() % 1000 * 1000};
    int on = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
        throw std::runtime_error("cannot connect to " + std::string(origin));
    connected_ = ca_pem.empty();
    if (!connected_) shake_hands(ca_pem, host, self);
}

https_client::~https_client()
{
    tls_.reset();
    ::close(socket_);
}

void https_client::shake_hands(
    const std::string& ca_pem, const std::string& host, const std::optional<client_identity>& self)
{
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    trust(context_.get(), ca_pem);
    if (self) show(context_.get(), *self);
    tls_.reset(SSL_new(context_.get()));
    static constexpr std::array<unsigned char, 12> protocols{2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_set_alpn_protos(tls_.get(), protocols.data(), protocols.size());
    X509_VERIFY_PARAM* wanted = SSL_get0_param(tls_.get());
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) != 1) X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), 0);
    SSL_set_fd(tls_.get(), socket_);
    ERR_clear_error();
    int result = SSL_connect(tls_.get());
    connected_ = result == 1;
    if (!connected_) finished_ = read_trouble(result);
}

std::string https_client::alpn() const
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

std::string https_client::verified_as() const
{
    return X509_verify_cert_error_string(SSL_get_verify_result(tls_.get()));
}

response https_client::exchange(std::string_view method, std::string_view path, std::string_view token,
    std::string_view body, std::string_view content_type)
{
    std::string text;
    text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    if (!token.empty()) text.append("Authorization: Bearer ").append(token).append("\r\n");
    if (!body.empty()) {
        text.append("Content-Type: ").append(content_type);
        text.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
    }
    send(text.append("\r\n").append(body));
    return receive();
}

void https_client::send(std::string_view bytes)
{
    ERR_clear_error();
    if (tls_)
        SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    else if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0)
        finished_ = finish::reset;
}

bool https_client::read_more()
{
    std::array<char, 16 * 1024> chunk;
    ERR_clear_error();
    errno = 0;
    auto size = tls_ ? SSL_read(tls_.get(), chunk.data(), static_cast<int>(chunk.size()))
                     : static_cast<int>(::recv(socket_, chunk.data(), chunk.size(), 0));
    if (size > 0)
        received_.append(chunk.data(), static_cast<std::size_t>(size));
    else
        finished_ = read_trouble(size);
    return size > 0;
}

finish https_client::read_trouble(int result) const
{
    int error = errno;
    if (!tls_) {
        if (result == 0) return finish::closed;
        return error == EAGAIN ? finish::silent : finish::reset;
    }
    switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_ZERO_RETURN:
        return finish::closed;
    case SSL_ERROR_WANT_READ:
        return finish::silent;
    case SSL_ERROR_SYSCALL:
        return error == ECONNRESET || error == EPIPE ? finish::reset : finish::cut;
    default:
        break;
    }
    bool eof = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    return eof ? finish::cut : finish::refused;
}

response https_client::receive()
{
    while (true) {
        if (auto whole = take_response(received_)) return *whole;
        if (!read_more()) break;
    }
    response part;
    part.raw = received_;
    part.after = finished_;
    return part;
}

response https_client::receive_all()
{
    while (read_more()) {
    }
    response all;
    all.raw = received_;
    all.after = finished_;
    return all;
}

}
