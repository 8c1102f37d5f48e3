#include "support/certificates/certificate_factory.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <atomic>
#include <map>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>

// Keys and certificates by OpenSSL, of any kind that a test orders.

namespace doks::test {

namespace {

using key_ptr = std::shared_ptr<EVP_PKEY>;

void must(bool worked, const char* what)
{
    if (worked) return;
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    throw std::runtime_error(std::string(what) + (reason ? std::string(": ") + reason : std::string()));
}

/// A new key; the large ones have more than two primes, which is faster.
key_ptr rsa_key(int bits)
{
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> maker(
        EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), &EVP_PKEY_CTX_free);
    EVP_PKEY* made = nullptr;
    must(EVP_PKEY_keygen_init(maker.get()) == 1 && EVP_PKEY_CTX_set_rsa_keygen_bits(maker.get(), bits) == 1, "rsa");
    if (bits >= 4096) EVP_PKEY_CTX_set_rsa_keygen_primes(maker.get(), bits >= 8192 ? 5 : 4);
    must(EVP_PKEY_generate(maker.get(), &made) == 1, "rsa key");
    return {made, &EVP_PKEY_free};
}

/// A new elliptic key, or the process's RSA key of this kind.
key_ptr key_of(key_kind kind, bool ca)
{
    if (kind == key_kind::ec256) return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
    if (kind == key_kind::ec384) return {EVP_EC_gen("P-384"), &EVP_PKEY_free};
    if (kind == key_kind::ed25519) return {EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free};
    static std::map<std::pair<key_kind, bool>, key_ptr> made;
    auto& key = made[{kind, ca}];
    if (!key)
        key = rsa_key(kind == key_kind::rsa1024   ? 1024
                      : kind == key_kind::rsa2048 ? 2048
                      : kind == key_kind::rsa4096 ? 4096
                                                  : 8192);
    return key;
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value)
{
    if (value.empty()) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    if (!extension) throw std::runtime_error("extension refused: " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// Subject alternative names, byte by byte, which no configuration text could express.
void name_it(X509* certificate, const std::vector<alt_name>& names)
{
    if (names.empty()) return;
    GENERAL_NAMES* const all = sk_GENERAL_NAME_new_null();
    for (const auto& each : names) {
        ASN1_STRING* const bytes =
            ASN1_STRING_type_new(each.type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
        ASN1_STRING_set(bytes, each.bytes.data(), static_cast<int>(each.bytes.size()));
        GENERAL_NAME* const name = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(name, each.type, bytes);
        sk_GENERAL_NAME_push(all, name);
    }
    must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all, 0, X509V3_ADD_DEFAULT) == 1, "names");
    GENERAL_NAMES_free(all);
}

long next_serial()
{
    static std::atomic<long> last = 0;
    return ++last;
}

}

alt_name address(const std::string& literal)
{
    const bool six = literal.find(':') != std::string::npos;
    std::string bytes(six ? 16 : 4, '\0');
    must(::inet_pton(six ? AF_INET6 : AF_INET, literal.c_str(), bytes.data()) == 1, "address");
    return {GEN_IPADD, bytes};
}

std::string certified::pem() const
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> into(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(into.get(), certificate.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(into.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

certified issue(const order& what, const certified* by)
{
    certified made{{X509_new(), &X509_free}, key_of(what.key, what.ca)};
    X509* const it = made.certificate.get();
    X509* const issuer = by ? by->certificate.get() : it;
    X509_set_version(it, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(it), next_serial());
    ASN1_TIME_set_string_X509(X509_getm_notBefore(it), what.first);
    ASN1_TIME_set_string_X509(X509_getm_notAfter(it), what.last);
    X509_set_pubkey(it, made.key.get());
    if (!what.common_name.empty())
        X509_NAME_add_entry_by_txt(X509_get_subject_name(it), "CN", MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>(what.common_name.data()), static_cast<int>(what.common_name.size()),
            -1, 0);
    X509_set_issuer_name(it, X509_get_subject_name(issuer));
    if (what.ca || !what.basic.empty())
        extend(it, issuer, NID_basic_constraints, what.basic.empty() ? "critical,CA:TRUE" : what.basic);
    extend(it, issuer, NID_key_usage, what.usage);
    extend(it, issuer, NID_ext_key_usage, what.extended_usage);
    extend(it, issuer, NID_name_constraints, what.constraints);
    name_it(it, what.names);
    EVP_PKEY* const signer = by ? by->key.get() : made.key.get();
    const bool own_digest = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519;
    must(X509_sign(it, signer, own_digest ? nullptr : EVP_get_digestbyname(what.digest)) != 0, "signature");
    return made;
}

}
