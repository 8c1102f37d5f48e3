#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// What every client of the comparison has in common: its orders, its clock, and how it reports.
namespace peers {

/// What one run shall do.
struct order
{
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::string ca_file;
    std::string path;
    std::string token = "none";
    std::size_t connections = 1;
    std::size_t requests = 1000;
    std::size_t length = 2157; ///< of the body, which every response must have

    /// The cluster that the path names.
    std::string cluster_id() const;
    std::string address() const { return host + ':' + std::to_string(port); }
};

/// Ends the program with a word on how it is used if the arguments are no good.
order read_order(int argc, char** argv);

/// The request as the clients without one of their own send it.
std::string request_text(const order& what);

/// A client's TLS settings, as doks has them: 1.2 at least, the server verified, one read for a whole record.
std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> make_tls(const order& what);

/// A connection's TLS, which expects the host's address in the certificate.
std::unique_ptr<SSL, decltype(&SSL_free)> make_connection(SSL_CTX* from, const order& what);

/** Hands out the requests of a run, and measures those after the warm-up.

    Each connection asks five times before anything is measured, so that handshakes, caches and buffers are paid for.
*/
class meter
{
public:
    using instant = std::chrono::steady_clock::time_point;

    explicit meter(const order& what);

    /// The next so many requests are handed out, not measured and then measured.
    void warm_up() { left_ = warm_up_ * what_.connections; }
    void begin();

    /// True if one more request has to be made.
    bool take()
    {
        if (left_ == 0) return false;
        --left_;
        return true;
    }
    /// Throws where the response is not the one that was to come.
    void answered(instant asked, unsigned status, std::size_t length);
    /// The measured part is over: prints its line.
    void report(std::string_view client);

private:
    static constexpr std::size_t warm_up_ = 5;

    struct usage
    {
        double user = 0, system = 0; ///< seconds
    };
    static usage used_so_far();

    const order& what_;
    instant made_at_;
    instant began_at_{};
    usage began_{};
    std::size_t left_ = 0;
    bool measuring_ = false;
    double first_us_ = 0;
    std::vector<std::uint32_t> latencies_; ///< nanoseconds
};

}
