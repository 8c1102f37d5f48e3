#include "net/tls/session_cache.hpp"

#include "net/tls/tls_session_data.hpp"

#include <openssl/ssl.h>

#include <new>

namespace doks::net {

int keep_session(ssl_st* end, ssl_session_st* fresh)
{
    const auto* const of = static_cast<tls_session_data*>(SSL_get_app_data(end));
    const bool verified = SSL_get_verify_result(end) == X509_V_OK && SSL_get0_peer_certificate(end) != nullptr;
    if (!of || !of->sessions || !verified) return 0;
    try {
        SSL_SESSION_up_ref(fresh);
        const std::shared_ptr<ssl_session_st> ticket(fresh, [](ssl_session_st* gone) { SSL_SESSION_free(gone); });
        of->sessions->put({ticket, SSL_session_reused(end) == 1 ? of->verified_at : of->begun_at});
    } catch (const std::bad_alloc&) {
        // Nothing may be thrown through OpenSSL's frames; without the session the next handshake is a full one.
    }
    return 0;
}

}
