#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Certificates that are made while a test runs, sound and unsound.

namespace doks::test {

/// Kinds of keys, some of them too small to be trusted.
enum class key_kind
{
    ec256,
    ec384,
    ed25519,
    rsa1024,
    rsa2048,
    rsa4096,
    rsa8192
};

/// A subject alternative name; its bytes go into the certificate as they are.
struct alt_name
{
    int type = GEN_DNS;
    std::string bytes;
};

inline alt_name dns(std::string name) { return {GEN_DNS, std::move(name)}; }
/// From a literal of either family.
alt_name address(const std::string& literal);

/// What a certificate shall be.
struct order
{
    std::string common_name = {}; ///< empty: no subject
    std::vector<alt_name> names = {};
    const char* first = "20200101000000Z";
    const char* last = "20991231235959Z";
    bool ca = false;
    /// Written as in an openssl.cnf; empty: the extension is left out.
    std::string usage = {}, extended_usage = {}, constraints = {}, basic = {};
    const char* digest = "SHA256";
    key_kind key = key_kind::ec256;
};

/// A certificate and its key.
struct certified
{
    std::shared_ptr<X509> certificate;
    std::shared_ptr<EVP_PKEY> key;
    std::string pem() const;
};

/** Makes the certificate, signed by `by` or self-signed.

    Cost: a key of its own where it is an elliptic one; RSA keys are made once a process, one for leaves and one for
    authorities, the large ones of more than two primes, which takes a tenth of the time.
*/
certified issue(const order& what, const certified* by = nullptr);

inline order authority_order(std::string name)
{
    order made;
    made.common_name = std::move(name);
    made.ca = true;
    return made;
}

inline order server_order(std::vector<alt_name> names)
{
    order made;
    made.names = std::move(names);
    return made;
}

}
