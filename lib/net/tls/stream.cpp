#include "net/tls/stream.hpp"

#include "net/tls/tls_error.hpp"

#include <doks/failure.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <new>
#include <utility>

namespace doks::net {

/// Lets OpenSSL read and write the wire: a BIO whose owner is the stream.
struct stream::bio_adapter
{
    static stream& owner(BIO* bio) { return *static_cast<stream*>(BIO_get_data(bio)); }

    static int write(BIO* bio, const char* data, int size)
    {
        const auto moved = owner(bio).wire_->try_send(data, static_cast<std::size_t>(size));
        return reported(bio, moved, BIO_FLAGS_WRITE);
    }
    static int read(BIO* bio, char* into, int size)
    {
        stream& owned = owner(bio);
        if (owned.reads_++ == reads_in_a_turn) return reported(bio, {0, {}, true}, BIO_FLAGS_READ);
        auto moved = owned.next_bytes(into, (std::min)(static_cast<std::size_t>(size), owned.allowance_));
        owned.allowance_ -= moved.bytes;
        if (owned.allowance_ == 0) {
            owned.fault_ = "the server sent far more bytes than belong to a response";
            moved = {0, errc::malformed_response, false};
        }
        return reported(bio, moved, BIO_FLAGS_READ);
    }
    /// OpenSSL does not learn of the end of the wire: it would call that a violation and invalidate the session.
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
    static int reported(BIO* bio, const wire::transfer& moved, int direction)
    {
        BIO_clear_retry_flags(bio);
        if (moved.would_block) BIO_set_flags(bio, direction | BIO_FLAGS_SHOULD_RETRY);
        if (moved.error) owner(bio).wire_error_ = moved.error;
        return moved.would_block || moved.error ? -1 : static_cast<int>(moved.bytes);
    }
    static BIO_METHOD* method()
    {
        static BIO_METHOD* const instance = [] {
            BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "doks wire");
            BIO_meth_set_write(made, &bio_adapter::write);
            BIO_meth_set_read(made, &bio_adapter::read);
            BIO_meth_set_ctrl(made, &bio_adapter::control);
            return made;
        }();
        return instance;
    }
};

void stream::free_ssl::operator()(ssl_st* end) const noexcept { SSL_free(end); }

stream::stream(std::unique_ptr<wire> below)
    : wire_(std::move(below))
{}

stream::stream(std::unique_ptr<wire> below, const tls_terms& terms)
    : wire_(std::move(below))
    , end_{terms.context.verified_name(terms.host), {}, terms.sessions, terms.now, {}}
    , ssl_(terms.context.make_client(terms.host).release())
{
    BIO* const bio = BIO_new(bio_adapter::method());
    if (!bio) throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), &end_);
    const auto earlier = terms.sessions ? terms.sessions->take(terms.now) : std::nullopt;
    if (earlier && SSL_set_session(ssl_.get(), earlier->ticket.get()) == 1) end_.verified_at = earlier->verified_at;
}

stream::~stream()
{
    if (!ssl_ || !SSL_is_init_finished(ssl_.get())) return;
    ERR_clear_error();
    if (!broken_) SSL_shutdown(ssl_.get());
    // Unless it is marked as shut down, OpenSSL invalidates its newest session. A connection that was cut off is no reason
    // for that (RFC 4346 §7.2.1).
    if (!violated_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ERR_clear_error();
}

stream::progress stream::handshake()
{
    if (!ssl_) return {};
    begin();
    const progress got = outcome_of(SSL_do_handshake(ssl_.get()));
    if (got.state == state::done) settle_session();
    if (got.state == state::closed || got.state == state::cut) {
        fault_ = "the server closed the connection during the handshake";
        return {state::failed, 0, errc::closed_before_response};
    }
    return got;
}

stream::progress stream::send(std::string_view bytes)
{
    if (!ssl_) return plain(wire_->try_send(bytes.data(), bytes.size()));
    begin();
    const auto size = static_cast<int>((std::min<std::size_t>)(bytes.size(), INT_MAX));
    return outcome_of(SSL_write(ssl_.get(), bytes.data(), size));
}

stream::progress stream::receive(char* into, std::size_t size)
{
    if (!ssl_) {
        const auto moved = wire_->try_receive(into, size);
        if (moved.bytes == 0 && !moved.error && !moved.would_block) return {state::closed, 0, {}};
        progress got = plain(moved);
        if (got.state == state::wants_send) got.state = state::wants_receive;
        return got;
    }
    begin();
    return outcome_of(SSL_read(ssl_.get(), into, static_cast<int>((std::min<std::size_t>)(size, INT_MAX))));
}

bool stream::is_quiet()
{
    char byte = 0;
    if (!has_pending() && !early_) {
        const auto moved = wire_->try_receive(&byte, 1);
        if (moved.would_block) return true;
        if (moved.bytes == 0 || !ssl_) return false;
        early_ = byte;
    }
    begin();
    const bool nothing = outcome_of(SSL_peek(ssl_.get(), &byte, 1)).state == state::wants_receive;
    return nothing && reads_ <= reads_in_a_turn;
}

wire::transfer stream::next_bytes(char* into, std::size_t size)
{
    if (!early_ || size == 0) return wire_->try_receive(into, size);
    *into = *std::exchange(early_, std::nullopt);
    return {1, {}, false};
}

bool stream::is_between_records() const noexcept
{
    if (!ssl_) return true;
    return !early_ && SSL_has_pending(ssl_.get()) == 0 && std::string_view(SSL_rstate_string(ssl_.get())) == "RH";
}

bool stream::has_pending() const noexcept { return ssl_ && SSL_has_pending(ssl_.get()) != 0; }

void stream::close() noexcept
{
    broken_ = true;
    wire_->close();
}

bool stream::is_resumed() const noexcept { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

std::string stream::tls_version() const { return ssl_ ? SSL_get_version(ssl_.get()) : ""; }

std::string stream::cipher() const { return ssl_ ? SSL_get_cipher_name(ssl_.get()) : ""; }

stream::progress stream::plain(const wire::transfer& moved)
{
    if (moved.error) return {state::failed, 0, moved.error};
    if (moved.would_block) return {state::wants_send, 0, {}};
    return {state::done, moved.bytes, {}};
}

void stream::begin() noexcept
{
    if (ERR_peek_error() != 0) ERR_clear_error();
    reads_ = 0;
}

/// A session of TLS 1.2 is good for more than one use.
void stream::settle_session()
{
    if (!is_resumed()) return;
    if (SSL_version(ssl_.get()) >= TLS1_3_VERSION || !end_.sessions) return;
    if (SSL_SESSION* const same = SSL_get0_session(ssl_.get())) keep_session(ssl_.get(), same);
}

stream::progress stream::outcome_of(int returned)
{
    if (returned > 0) return {state::done, static_cast<std::size_t>(returned), {}};
    switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
        return {state::wants_receive, 0, {}};
    case SSL_ERROR_WANT_WRITE:
        return {state::wants_send, 0, {}};
    case SSL_ERROR_ZERO_RETURN:
        return {state::closed, 0, {}};
    default:
        break;
    }
    broken_ = true;
    if (wire_error_) return {state::failed, 0, wire_error_};
    if (ERR_peek_error() == 0) return {state::cut, 0, {}};
    violated_ = true;
    return {state::failed, 0, verification_failure()};
}

boost::system::error_code stream::verification_failure()
{
    fault_ = describe_tls_error(ssl_.get(), end_);
    const bool rejected = SSL_get_verify_result(ssl_.get()) != X509_V_OK;
    if (rejected) return errc::certificate_rejected;
    return errc::handshake_failed;
}

}
