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
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

using certificate_ptr = std::unique_ptr<X509, openssl_free>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free>;

/** A certificate with its key. */
struct certificate_with_key
{
    certificate_ptr certificate;
    key_ptr key;

    std::string certificate_pem() const;
    std::string key_pem() const;
};

/** SHA-256 of the certificate, 32 bytes. */
std::string fingerprint(X509& certificate);

/** A certificate authority (EC P-256). Its key is generated at start and never leaves the process. */
class authority
{
public:
    authority(std::string_view common_name, instant now);

    /** The CA's certificate. */
    const std::string& pem() const { return pem_; }

    /** For a server on 127.0.0.1, ::1 and localhost. */
    certificate_with_key issue_server(instant now) const;

    /** For a client: Kubernetes takes the common name for the user and the organization for the group. */
    certificate_with_key issue_client(std::string_view user, std::string_view group, instant now, instant until) const;

private:
    certificate_with_key self_;
    std::string pem_;
};

}
