#pragma once

#include "core/outcome.hpp"

#include <string>

struct ssl_st;
struct ssl_session_st;

namespace doks::net {

class session_cache;

/// The application data of an SSL object, for OpenSSL's callbacks. The stream owns both.
struct tls_session_data
{
    std::string name;                  ///< what the certificate is verified for
    std::string fault;                 ///< why verification failed, noted by the callback
    session_cache* sessions = nullptr; ///< receives new sessions; may be null
    core::instant begun_at{};          ///< when the handshake began, by the boot clock
    core::instant verified_at{};       ///< when the certificate of the resumed session was verified
};

/// OpenSSL's callback for a new session: stores it if its certificate was verified. It takes a reference of its own, so it
/// always returns 0.
int keep_session(ssl_st* end, ssl_session_st* fresh);

}
