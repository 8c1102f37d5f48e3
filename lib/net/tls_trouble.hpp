#pragma once

#include <string>

struct ssl_st;
struct x509_store_ctx_st;

namespace doks::net {

/// What a connection's verification found wrong; it hangs on the SSL object as its application data.
struct certificate_trouble
{
    std::string host;
    std::string text;
};

/** OpenSSL's verification callback: notes what is wrong while the certificate is at hand, and lets the result stand.

    After a refusal OpenSSL does not tell which certificate it was.
*/
int note_certificate_trouble(int verified, x509_store_ctx_st* at);

/** What went wrong with TLS, in words a person can act on: `certificate expired 2015-04-12`.

    Takes OpenSSL's error queue of this thread and empties it.
*/
std::string describe_tls_trouble(const ssl_st* end, const certificate_trouble& noted);

}
