#include "net/tls_profile.hpp"

#include "net/session_cache.hpp"
#include "net/tls_end.hpp"
#include "net/tls_trouble.hpp"

#include <doks/failure.hpp>

#include <boost/asio/ip/address.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <new>

namespace doks::net {

namespace {

[[noreturn]] void unusable(std::string detail, std::string remedy)
{
    failure_record record;
    record.operation = "TLS set-up";
    record.phase = "tls";
    record.code = errc::unusable_trust_store;
    record.detail = std::move(detail);
    record.remedy = std::move(remedy);
    ERR_clear_error();
    throw failure(std::move(record));
}

bool holds_certificates(SSL_CTX* context)
{
    STACK_OF(X509_OBJECT)* const all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_OBJECT_num(all); ++i)
        if (X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i))) return true;
    return false;
}

std::string place_of(const char* variable, const char* fallback)
{
    const char* const given = ::secure_getenv(variable);
    return given ? given : fallback;
}

bool is_populated_directory(const std::string& path)
{
    std::error_code failed;
    const std::filesystem::directory_iterator first(path, failed);
    return !failed && first != std::filesystem::directory_iterator();
}

/// OpenSSL reports success for a store that is not there, so it is looked at.
void use_system_store(SSL_CTX* context, bool trust_environment)
{
    std::string file = X509_get_default_cert_file(), directory = X509_get_default_cert_dir();
    if (trust_environment) {
        file = place_of(X509_get_default_cert_file_env(), file.c_str());
        directory = place_of(X509_get_default_cert_dir_env(), directory.c_str());
    }
    SSL_CTX_load_verify_file(context, file.c_str());
    SSL_CTX_load_verify_dir(context, directory.c_str());
    if (!holds_certificates(context) && !is_populated_directory(directory))
        unusable("the trust store (file " + file + ", directory " + directory + ") holds no certificate",
            "install the ca-certificates package or name a CA file");
}

void use_file(SSL_CTX* context, const std::string& path)
{
    std::error_code failed;
    if (!std::filesystem::exists(path, failed))
        unusable("CA file " + path + " does not exist", "name a PEM file with the CA's certificate");
    if (SSL_CTX_load_verify_file(context, path.c_str()) != 1 || !holds_certificates(context))
        unusable("CA file " + path + " cannot be read or holds no PEM certificate",
            "name a readable PEM file with the CA's certificate");
}

/// Its certificates are read when they are needed, by the hash of their names.
void use_directory(SSL_CTX* context, const std::string& path)
{
    if (!is_populated_directory(path) || SSL_CTX_load_verify_dir(context, path.c_str()) != 1)
        unusable("CA directory " + path + " cannot be read or is empty",
            "name a directory of PEM certificates prepared with `openssl rehash`");
}

void use_text(SSL_CTX* context, const std::string& pem)
{
    const std::unique_ptr<BIO, int (*)(BIO*)> source(
        BIO_new_mem_buf(pem.data(), static_cast<int>((std::min<std::size_t>)(pem.size(), INT_MAX))), &BIO_free);
    if (!source) throw std::bad_alloc();
    std::size_t count = 0;
    for (X509* each = nullptr; (each = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)) != nullptr;
         ++count) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), each);
        X509_free(each);
    }
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (count == 0 || !at_end)
        unusable("the CA certificates given in memory are not PEM from end to end (" + std::to_string(count) + " read)",
            "give the text of a PEM file");
}

void use_roots(SSL_CTX* context, const tls_settings& how)
{
    const bool own = !how.ca_file.empty() || !how.ca_directory.empty() || !how.ca_pem.empty();
    if (!own) use_system_store(context, how.trust_environment);
    if (!how.ca_file.empty()) use_file(context, how.ca_file);
    if (!how.ca_directory.empty()) use_directory(context, how.ca_directory);
    if (!how.ca_pem.empty()) use_text(context, how.ca_pem);
}

/// Everything that an openssl.cnf could have set is set again, whatever it says.
void set_rules(SSL_CTX* context, tls_version minimum)
{
    SSL_CTX_set_min_proto_version(context, minimum == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, 0);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL");
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
    SSL_CTX_clear_options(context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION |
                                       SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &note_certificate_trouble);
    constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, http_1_1, sizeof http_1_1);
}

}

tls_profile::tls_profile(const tls_settings& how)
    : context_(SSL_CTX_new(TLS_client_method()), [](SSL_CTX* context) { SSL_CTX_free(context); })
    , server_name_(how.server_name)
{
    if (!context_) throw std::bad_alloc();
    set_rules(context_.get(), how.minimum);
    use_roots(context_.get(), how);
    // Sessions go to the stream's own cache; OpenSSL's would mix them.
    SSL_CTX_set_session_cache_mode(
        context_.get(), how.resume_sessions ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
    SSL_CTX_sess_set_new_cb(context_.get(), &keep_session);
    ERR_clear_error();
}

std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_profile::make_client(const std::string& of) const
{
    const std::string& host = verified_name(of);
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl(SSL_new(context_.get()), [](ssl_st* end) { SSL_free(end); });
    if (!ssl) throw std::bad_alloc();
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl.get());
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        X509_VERIFY_PARAM_set1_ip_asc(rules, address.to_string().c_str());
    } else {
        X509_VERIFY_PARAM_set_hostflags(
            rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
        X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
        SSL_set_tlsext_host_name(ssl.get(), host.c_str());
    }
    SSL_set_connect_state(ssl.get());
    return ssl;
}

}
