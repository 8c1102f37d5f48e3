#pragma once

#include "net/dial/wire.hpp"
#include "net/tls/session_cache.hpp"
#include "net/tls/tls_context.hpp"
#include "net/tls/tls_session_data.hpp"

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

    /// How to speak TLS: whom to verify, and the sessions to resume and to keep, of which there may be none.
    struct tls_terms
    {
        const tls_context& profile;
        const std::string& host;
        session_cache* sessions = nullptr;
        core::instant now; ///< by the boot clock
    };

    /// The bytes go as they are.
    explicit stream(std::unique_ptr<wire> below);
    /// Through TLS; the sessions must outlive the stream.
    stream(std::unique_ptr<wire> below, const tls_terms& how);
    /// Says goodbye to a peer that it parts from in peace, without waiting for its response.
    ~stream();
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    progress handshake();
    progress send(std::string_view bytes);
    progress receive(char* into, std::size_t size);
    /// From now on the peer may send so many bytes, TLS's own included; then `receive` fails.
    void allow(std::size_t bytes) noexcept { allowance_ = bytes; }

    /// Nothing but what TLS itself sends has come since the last response, and the peer is still there.
    bool is_quiet();
    /// No record has begun to come: its rest would pass for what is asked for next.
    bool is_between_records() const noexcept;
    /// Decrypted or not, bytes of the peer are at hand.
    bool has_pending() const noexcept;

    void close() noexcept;
    wire& below() noexcept { return *wire_; }

    /// Why the handshake failed, in words for a person; empty if there is nothing to say.
    const std::string& trouble() const noexcept { return trouble_; }
    bool is_resumed() const noexcept;
    std::string tls_version() const;
    std::string cipher() const;

private:
    /// More than any chain of certificates that makes sense.
    static constexpr std::size_t handshake_allowance = std::size_t(256) * 1024;
    /// Then another turn comes first: a peer that floods us with TLS's own messages must not hold the thread.
    static constexpr unsigned reads_in_a_turn = 4;

    struct bio_adapter;
    struct free_ssl
    {
        void operator()(ssl_st* end) const noexcept;
    };

    wire::transfer next_bytes(char* into, std::size_t size);
    void begin() noexcept;
    void settle_session();
    progress outcome_of(int returned);
    progress plain(const wire::transfer& moved);
    boost::system::error_code verification_failure();

    std::unique_ptr<wire> wire_;
    tls_session_data end_;
    std::unique_ptr<ssl_st, free_ssl> ssl_;
    std::string trouble_;
    boost::system::error_code wire_error_;
    std::optional<char> early_; ///< came before TLS asked for it
    std::size_t allowance_ = handshake_allowance;
    unsigned reads_ = 0; ///< of the wire, within one operation
    bool broken_ = false;
    bool violated_ = false; ///< TLS itself went wrong
};

}
