#pragma once

#include <string>

struct ssl_st;
struct x509_store_ctx_st;

namespace doks::net {

struct tls_session_data;

/** OpenSSL's verification callback: notes why the certificate is refused, and does not change the result.

    After a refusal OpenSSL does not tell which certificate it was.
*/
int note_certificate_fault(int verified, x509_store_ctx_st* at);

/** Why TLS failed, in words that a person can act on: `certificate expired 2015-04-12`.

    It reads and empties OpenSSL's error queue of this thread.
*/
std::string describe_tls_error(const ssl_st* end, const tls_session_data& noted);

}
