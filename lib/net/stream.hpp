#pragma once

#include "net/tls_profile.hpp"
#include "net/tls_trouble.hpp"
#include "net/wire.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace doks::net {

/** Bytes over a wire, through TLS where a profile is given. It never blocks; who drives it waits for the wire.

    Shape: every operation says what it achieved or what it waits for. After an error only destruction is left.
    Threads: the wire's strand.
*/
class stream
{
public:
    enum class state
    {
        done,
        wants_receive,
        wants_send,
        closed, ///< the peer said that no more comes
        cut,    ///< the peer's bytes ended without it saying so
        failed
    };
    struct progress
    {
        state what = state::done;
        std::size_t bytes = 0;
        boost::system::error_code error;
    };

    /// Without a profile the bytes go as they are.
    stream(std::unique_ptr<wire> below, const tls_profile* profile, const std::string& host);
    ~stream();
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    progress handshake();
    progress send(std::string_view bytes);
    progress receive(char* into, std::size_t size);

    /// Nothing but what TLS itself sends has come since the last answer, and the peer is still there.
    bool is_quiet();
    /// Decrypted or not, bytes of the peer are at hand.
    bool has_pending() const noexcept;

    void close() noexcept;
    wire& below() noexcept { return *wire_; }

    /// Why the handshake failed, in words for a person; empty if there is nothing to say.
    const std::string& trouble() const noexcept { return trouble_; }
    std::string tls_version() const;
    std::string cipher() const;

private:
    struct bio_door;
    struct free_ssl
    {
        void operator()(ssl_st* end) const noexcept;
    };

    progress outcome_of(int returned);
    progress plain(const wire::transfer& moved);
    boost::system::error_code verification_failure();

    std::unique_ptr<wire> wire_;
    std::unique_ptr<ssl_st, free_ssl> ssl_;
    certificate_trouble noted_;
    std::string trouble_;
    boost::system::error_code wire_error_;
};

}
