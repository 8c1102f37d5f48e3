#pragma once

#include "core/outcome.hpp"

#include <string>

struct ssl_st;
struct ssl_session_st;

namespace doks::net {

class session_cache;

/// What hangs on an SSL object as its application data, for OpenSSL's callbacks.
struct tls_session_data
{
    std::string name;                  ///< what the certificate is verified for
    std::string trouble;               ///< what verification found wrong, noted while the certificate was at hand
    session_cache* sessions = nullptr; ///< where new sessions go; none: nowhere
    core::instant begun_at{};          ///< when the handshake began, by the boot clock
    core::instant verified_at{};       ///< when the certificate behind the session was verified that is to be resumed
};

/// OpenSSL's callback for a new session: keeps one whose certificate was verified, with a reference of its own; always 0.
int keep_session(ssl_st* end, ssl_session_st* fresh);

}
