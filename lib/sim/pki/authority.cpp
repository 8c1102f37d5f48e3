#include "sim/pki/authority.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace doks::sim {

namespace {

using std::chrono::hours;

void require(bool done, const char* action)
{
    if (!done) throw std::runtime_error(std::string("OpenSSL cannot ") + action);
}

struct bio_free
{
    void operator()(BIO* bio) const { BIO_free(bio); }
};

template <class Write> std::string to_pem(Write write)
{
    std::unique_ptr<BIO, bio_free> out(BIO_new(BIO_s_mem()));
    require(out && write(out.get()) == 1, "write PEM");
    char* data = nullptr;
    long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

void set_serial(X509& certificate)
{
    std::array<unsigned char, 16> bytes;
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "make a serial number");
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
    std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(bytes.data(), bytes.size(), nullptr), BN_free);
    require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)), "set a serial number");
}

void set_validity(X509& certificate, instant from, instant until)
{
    auto seconds = [](instant at) { return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count(); };
    require(ASN1_TIME_set(X509_getm_notBefore(&certificate), seconds(from)), "set notBefore");
    require(ASN1_TIME_set(X509_getm_notAfter(&certificate), seconds(until)), "set notAfter");
}

void add_name(X509& certificate, const char* field, std::string_view value)
{
    auto bytes = reinterpret_cast<const unsigned char*>(value.data());
    X509_NAME* name = X509_get_subject_name(&certificate);
    int size = static_cast<int>(value.size());
    require(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, size, -1, 0) == 1, "set a name");
}

void add_extension(X509& certificate, X509& issuer, int kind, const char* value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value), X509_EXTENSION_free);
    require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "add an extension");
}

certificate_with_key begin(instant from, instant until)
{
    certificate_with_key made;
    made.key.reset(EVP_EC_gen("P-256"));
    made.certificate.reset(X509_new());
    require(made.key && made.certificate && X509_set_version(made.certificate.get(), 2) == 1, "make a certificate");
    set_serial(*made.certificate);
    set_validity(*made.certificate, from, until);
    require(X509_set_pubkey(made.certificate.get(), made.key.get()) == 1, "set a public key");
    return made;
}

void finish(certificate_with_key& made, const certificate_with_key& issuer)
{
    X509_NAME* name = X509_get_subject_name(issuer.certificate.get());
    require(X509_set_issuer_name(made.certificate.get(), name) == 1, "set an issuer");
    add_extension(*made.certificate, *issuer.certificate, NID_subject_key_identifier, "hash");
    add_extension(*made.certificate, *issuer.certificate, NID_authority_key_identifier, "keyid:always");
    require(X509_sign(made.certificate.get(), issuer.key.get(), EVP_sha256()) > 0, "sign a certificate");
}

}

std::string certificate_with_key::certificate_pem() const
{
    return to_pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

std::string certificate_with_key::key_pem() const
{
    return to_pem(
        [&](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string fingerprint(X509& certificate)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    require(X509_digest(&certificate, EVP_sha256(), digest.data(), &size) == 1, "hash a certificate");
    return {reinterpret_cast<const char*>(digest.data()), size};
}

authority::authority(std::string_view common_name, instant now)
    : self_(begin(now - hours(1), now + hours(24 * 3650)))
{
    add_name(*self_.certificate, "O", "doks simulator");
    add_name(*self_.certificate, "CN", common_name);
    add_extension(*self_.certificate, *self_.certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(*self_.certificate, *self_.certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    finish(self_, self_);
    pem_ = self_.certificate_pem();
}

certificate_with_key authority::issue_server(instant now) const
{
    certificate_with_key made = begin(now - hours(1), now + hours(24 * 365));
    X509& leaf = *made.certificate;
    add_name(leaf, "CN", "localhost");
    add_extension(leaf, *self_.certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf, *self_.certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(leaf, *self_.certificate, NID_ext_key_usage, "serverAuth");
    add_extension(leaf, *self_.certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1");
    finish(made, self_);
    return made;
}

certificate_with_key authority::issue_client(
    std::string_view user, std::string_view group, instant now, instant until) const
{
    certificate_with_key made = begin(now - hours(1), until);
    X509& leaf = *made.certificate;
    add_name(leaf, "O", group);
    add_name(leaf, "CN", user);
    add_extension(leaf, *self_.certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(leaf, *self_.certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(leaf, *self_.certificate, NID_ext_key_usage, "clientAuth");
    finish(made, self_);
    return made;
}

}
