#pragma once

#include "sim/timeline.hpp"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

namespace doks::sim {

struct openssl_free
{
    void operator()(X509* what) const { X509_free(what); }
    void operator()(EVP_PKEY* what) const { EVP_PKEY_free(what); }
};

using certificate_ptr = std::unique_ptr<X509, openssl_free>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free>;

/** A certificate with its key. */
struct identity
{
    certificate_ptr certificate;
    key_ptr key;

    std::string certificate_pem() const;
    std::string key_pem() const;
};

/** SHA-256 of the certificate, 32 bytes. */
std::string fingerprint(X509& certificate);

/** A certificate authority (EC P-256) that is made at start and forgotten at the end. */
class authority
{
public:
    authority(std::string_view common_name, instant now);

    /** The CA's certificate. */
    const std::string& pem() const { return pem_; }

    /** For a server on 127.0.0.1, ::1 and localhost. */
    identity issue_server(instant now) const;

    /** For a client: Kubernetes takes the common name for the user and the organization for the group. */
    identity issue_client(std::string_view user, std::string_view group, instant now, instant until) const;

private:
    identity self_;
    std::string pem_;
};

}
