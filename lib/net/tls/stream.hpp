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

/** Bytes over a wire, through TLS or plain. It never blocks: every operation returns what it achieved or waits for.

    A connection owns it and drives it on the wire's strand. After an error it can only be destroyed.
*/
class stream
{
public:
    enum class state
    {
        done,          ///< `bytes` were moved, or the handshake is complete
        wants_receive, ///< wait until the wire can receive, then repeat the operation
        wants_send,    ///< wait until the wire can send, then repeat the operation
        closed,        ///< the peer said that no more comes
        cut,           ///< the peer's bytes ended without it saying so
        failed         ///< `error` says why
    };
    struct progress
    {
        stream::state state = stream::state::done;
        std::size_t bytes = 0;
        boost::system::error_code error;
    };

    /// The parameters of TLS: the name to verify, and the sessions to resume and to store.
    struct tls_terms
    {
        const tls_context& context;
        const std::string& host;
        session_cache* sessions = nullptr; ///< may be null
        core::instant now;                 ///< by the boot clock
    };

    /// Without TLS.
    explicit stream(std::unique_ptr<wire> below);
    /// Through TLS; the sessions must outlive the stream.
    stream(std::unique_ptr<wire> below, const tls_terms& terms);
    /// Sends close_notify unless the stream has failed; it does not wait for the peer's.
    ~stream();
    stream(const stream&) = delete;
    stream& operator=(const stream&) = delete;

    progress handshake();
    progress send(std::string_view bytes);
    progress receive(char* into, std::size_t size);
    /// The peer may send this many more bytes, TLS's own included; then `receive` fails.
    void allow(std::size_t bytes) noexcept { allowance_ = bytes; }

    /// True if the peer has sent nothing since the last response but messages of TLS itself, and has not closed.
    bool is_quiet();
    /// True if no record has begun to arrive: its rest would pass for the next response.
    bool is_between_records() const noexcept;
    /// True if bytes of the peer are buffered, decrypted or not.
    bool has_pending() const noexcept;

    void close() noexcept;
    wire& below() noexcept { return *wire_; }

    /// Why it failed, for a person; may be empty.
    const std::string& fault() const noexcept { return fault_; }
    bool is_resumed() const noexcept;
    std::string tls_version() const;
    std::string cipher() const;

private:
    /// Larger than any reasonable chain of certificates.
    static constexpr std::size_t handshake_allowance = std::size_t(256) * 1024;
    /// The most reads of the wire in one operation: a peer that floods us with messages of TLS must not hold the thread.
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
    std::string fault_;
    boost::system::error_code wire_error_;
    std::optional<char> early_; ///< a byte that `is_quiet` took from the wire
    std::size_t allowance_ = handshake_allowance;
    unsigned reads_ = 0; ///< of the wire, within one operation
    bool broken_ = false;
    bool violated_ = false; ///< the peer broke the rules of TLS
};

}
