#pragma once

#include <string>

struct ssl_st;
struct x509_store_ctx_st;

namespace doks::net {

struct tls_session_data;

/** OpenSSL's verification callback: notes what is wrong while the certificate is at hand, and lets the result stand.

    After a refusal OpenSSL does not tell which certificate it was.
*/
int note_certificate_trouble(int verified, x509_store_ctx_st* at);

/** What went wrong with TLS, in words a person can act on: `certificate expired 2015-04-12`.

    Takes OpenSSL's error queue of this thread and empties it.
*/
std::string describe_tls_trouble(const ssl_st* end, const tls_session_data& noted);

}
