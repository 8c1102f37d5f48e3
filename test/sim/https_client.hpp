#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sim_test {

using namespace std::chrono_literals;

/** How a connection looked when nothing more came from it. */
enum class finish
{
    silent,   ///< Still open when the patience was over.
    complete, ///< Still open after a complete response.
    closed,   ///< close_notify, or plain FIN without TLS.
    cut,      ///< FIN without close_notify.
    reset,    ///< RST.
    refused,  ///< Something that TLS does not take.
};

/// A response, and how the connection looked behind it.
struct response
{
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    std::string raw{};
    finish after = finish::silent;

    /** Empty if there is none; the name in lower case. */
    std::string header(std::string_view name) const;
    bool has(std::string_view name) const;
};

/** What a client shows of itself, as PEM. */
struct client_identity
{
    std::string certificate;
    std::string key;
};

/** One blocking connection, written without any code of the simulator or the SDK. */
class https_client
{
public:
    /** Connects and shakes hands with `origin`, such as https://127.0.0.1:1234; without a CA it speaks plain TCP. */
    https_client(std::string_view origin, const std::string& ca_pem, std::chrono::milliseconds patience = 3s,
        std::optional<client_identity> self = {});
    ~https_client();

    https_client(const https_client&) = delete;
    https_client& operator=(const https_client&) = delete;

    /** False if the handshake failed; then finished() tells how. */
    bool connected() const { return connected_; }
    finish finished() const { return finished_; }
    std::string alpn() const;
    std::string verified_as() const;

    response get(std::string_view path, std::string_view token) { return exchange("GET", path, token); }
    response exchange(std::string_view method, std::string_view path, std::string_view token,
        std::string_view body = {}, std::string_view content_type = "application/json");

    void send(std::string_view bytes);

    /** One response; what came behind it stays for the next call. */
    response receive();

    /** Everything until the connection ends or falls silent. */
    response receive_all();

private:
    struct free
    {
        void operator()(SSL_CTX* what) const { SSL_CTX_free(what); }
        void operator()(SSL* what) const { SSL_free(what); }
    };

    bool read_more();
    finish read_trouble(int result) const;
    void shake_hands(const std::string& ca_pem, const std::string& host, const std::optional<client_identity>& self);

    int socket_ = -1;
    std::unique_ptr<SSL_CTX, free> context_;
    std::unique_ptr<SSL, free> tls_;
    bool connected_ = false;
    finish finished_ = finish::silent;
    std::string received_;
};

/** The response at the front of what was received; nullopt while it is not complete. */
std::optional<response> take_response(std::string& received);

}
