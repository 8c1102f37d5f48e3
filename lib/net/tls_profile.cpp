#include "net/tls_profile.hpp"

#include "net/tls_trouble.hpp"

#include <doks/failure.hpp>

#include <boost/asio/ip/address.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

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
    const char* const given = std::getenv(variable);
    return given ? given : fallback;
}

bool is_populated_directory(const std::string& path)
{
    std::error_code failed;
    const std::filesystem::directory_iterator first(path, failed);
    return !failed && first != std::filesystem::directory_iterator();
}

/// OpenSSL reports success for a store that is not there, so it is looked at.
void use_system_store(SSL_CTX* context)
{
    SSL_CTX_set_default_verify_paths(context);
    const auto file = place_of(X509_get_default_cert_file_env(), X509_get_default_cert_file());
    const auto directory = place_of(X509_get_default_cert_dir_env(), X509_get_default_cert_dir());
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

void set_rules(SSL_CTX* context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &note_certificate_trouble);
    constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, http_1_1, sizeof http_1_1);
}

}

tls_profile::tls_profile(const std::string& ca_file)
    : context_(SSL_CTX_new(TLS_client_method()), [](SSL_CTX* context) { SSL_CTX_free(context); })
{
    if (!context_) throw std::bad_alloc();
    set_rules(context_.get());
    ca_file.empty() ? use_system_store(context_.get()) : use_file(context_.get(), ca_file);
    ERR_clear_error();
}

std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_profile::make_client(const std::string& host) const
{
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
