#include "support/test_authority.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace doks::test {

namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

void extend(X509* certificate, X509* issuer, int what, const std::string& value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    if (!extension) throw std::runtime_error("extension refused: " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

certificate_ptr certificate_for(const std::string& common_name, EVP_PKEY* key, long serial)
{
    certificate_ptr made(X509_new(), &X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600L * 24 * 3650);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
        reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    return made;
}

std::string written(X509* certificate)
{
    const char* const folder = std::getenv("TMPDIR");
    std::string path = std::string(folder ? folder : "/tmp") + "/doks-test-ca-XXXXXX";
    const int file = ::mkstemp(path.data());
    FILE* const out = file < 0 ? nullptr : ::fdopen(file, "w");
    if (!out) throw std::runtime_error("no temporary file at " + path);
    PEM_write_X509(out, certificate);
    std::fclose(out);
    return path;
}

}

test_authority::test_authority(const std::string& name)
    : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free)
{
    const key_ptr ca_key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const auto ca = certificate_for("test authority", ca_key.get(), 1);
    X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
    extend(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(ca.get(), ca_key.get(), EVP_sha256());

    const key_ptr key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const auto leaf = certificate_for("not looked at", key.get(), 2);
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca.get()));
    extend(leaf.get(), ca.get(), NID_subject_alt_name, name == "127.0.0.1" ? "IP:" + name : "DNS:" + name);
    X509_sign(leaf.get(), ca_key.get(), EVP_sha256());

    SSL_CTX_use_certificate(context_.get(), leaf.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
    ca_file_ = written(ca.get());
}

test_authority::~test_authority() { ::unlink(ca_file_.c_str()); }

}
