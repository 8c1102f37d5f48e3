#pragma once

#include <string>

struct ssl_st;

namespace doks::net {

/** What went wrong with TLS, in words a person can act on: `certificate expired 2015-04-12`.

    Takes OpenSSL's error queue of this thread and empties it.
*/
std::string describe_tls_trouble(ssl_st* end, const std::string& host);

}
