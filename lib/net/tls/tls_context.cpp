#include "net/tls/tls_context.hpp"

#include "net/tls/session_cache.hpp"
#include "net/tls/tls_error.hpp"
#include "net/tls/tls_session_data.hpp"

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
#include <string_view>
#include <utility>

namespace doks::net {

namespace {

[[noreturn]] void unusable(std::string detail, std::string remedy)
{
    ERR_clear_error();
    throw failure(errc::unusable_trust_store, "TLS set-up", std::move(detail), std::move(remedy), "tls");
}

bool holds_certificates(SSL_CTX* context)
{
    STACK_OF(X509_OBJECT)* const all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
    for (int i = 0; i < sk_X509_OBJECT_num(all); ++i)
        if (X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i))) return true;
    return false;
}

/// `9d66eef0.0`: the only names that OpenSSL looks for in a directory.
bool is_hash_link(const std::string& name)
{
    constexpr std::string_view hex = "0123456789abcdef", digits = "0123456789";
    return name.size() > 9 && name.find_first_not_of(hex) == 8 && name[8] == '.' &&
           name.find_first_not_of(digits, 9) == std::string::npos;
}

/// One directory, or several with colons between them.
bool has_hash_links(std::string_view paths)
{
    const auto colon = paths.find(':');
    std::error_code failed;
    std::filesystem::directory_iterator each(std::filesystem::path(paths.substr(0, colon)), failed);
    for (; !failed && each != std::filesystem::directory_iterator(); each.increment(failed))
        if (is_hash_link(each->path().filename().string())) return true;
    return colon != std::string_view::npos && has_hash_links(paths.substr(colon + 1));
}

/// OpenSSL reports success for a store that does not exist, so it is checked.
void use_system_store(SSL_CTX* context, bool trust_environment)
{
    const char* const given_file = trust_environment ? ::secure_getenv(X509_get_default_cert_file_env()) : nullptr;
    const char* const given_directory = trust_environment ? ::secure_getenv(X509_get_default_cert_dir_env()) : nullptr;
    const std::string file = given_file ? given_file : X509_get_default_cert_file();
    const std::string directory = given_directory ? given_directory : X509_get_default_cert_dir();
    const std::string place = "the trust store (file " + file + ", directory " + directory + ") ";
    const bool loaded = SSL_CTX_load_verify_file(context, file.c_str()) == 1;
    if (given_file && !file.empty() && !loaded)
        unusable(place + "lacks its file, which SSL_CERT_FILE names, or that is no PEM from end to end",
            "let SSL_CERT_FILE name a readable PEM file, or unset it");
    SSL_CTX_load_verify_dir(context, directory.c_str());
    if (!holds_certificates(context) && !has_hash_links(directory))
        unusable(place + "holds no certificate", "install the ca-certificates package or name a CA file");
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

/// OpenSSL reads its certificates when it needs them, by the hash of their names.
void use_directory(SSL_CTX* context, const std::string& path)
{
    if (!has_hash_links(path) || SSL_CTX_load_verify_dir(context, path.c_str()) != 1)
        unusable("CA directory " + path + " cannot be read or has no certificate by the hash of its name",
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

void use_roots(SSL_CTX* context, const tls_settings& settings)
{
    const bool own = !settings.ca_file.empty() || !settings.ca_directory.empty() || !settings.ca_pem.empty();
    if (!own) use_system_store(context, settings.trust_environment);
    if (!settings.ca_file.empty()) use_file(context, settings.ca_file);
    if (!settings.ca_directory.empty()) use_directory(context, settings.ca_directory);
    if (!settings.ca_pem.empty()) use_text(context, settings.ca_pem);
}

/// Sets every value that an openssl.cnf could have set, so that it has no effect.
void set_rules(SSL_CTX* context, tls_version minimum)
{
    SSL_CTX_set_min_proto_version(context, minimum == tls_version::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, 0);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL");
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256");
    SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384");
    SSL_CTX_set1_sigalgs_list(context,
        "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
        "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:RSA+SHA256:RSA+SHA384:RSA+SHA512");
    SSL_CTX_clear_options(context, SSL_CTX_get_options(context));
    SSL_CTX_set_options(context,
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_ENABLE_MIDDLEBOX_COMPAT | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_mode(context, SSL_MODE_AUTO_RETRY | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_max_send_fragment(context, 2048); // a request is shorter, and the buffer is made for the longest
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, &note_certificate_fault);
    constexpr unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, http_1_1, sizeof http_1_1);
}

/// A reference identifier of RFC 9525: OpenSSL takes an empty one for none, and `.test` for every name below it.
bool is_host_name(std::string_view name)
{
    constexpr std::string_view never = "* \t\r\n/@:";
    return !name.empty() && name.front() != '.' && name.back() != '.' && name.find("..") == std::string_view::npos &&
           name.find('\0') == std::string_view::npos && name.find_first_of(never) == std::string_view::npos;
}

/// Sets the name that the certificate has to be for; false if that cannot be verified.
bool expect_name(SSL* ssl, std::string name)
{
    if (name.size() > 1 && name.back() == '.') name.pop_back(); // RFC 6066 §3: names go without it
    X509_VERIFY_PARAM* const rules = SSL_get0_param(ssl);
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(name, not_an_address);
    if (!not_an_address) return X509_VERIFY_PARAM_set1_ip_asc(rules, address.to_string().c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return is_host_name(name) && X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 &&
           SSL_set_tlsext_host_name(ssl, name.c_str()) == 1;
}

[[noreturn]] void refuse_name(const char* field)
{
    ERR_clear_error();
    throw failure(errc::invalid_argument, field, "its host is no name that a certificate can be verified for",
        "give a host name such as api.digitalocean.com, or an address");
}

}

tls_context::tls_context(const tls_settings& settings)
    : context_(SSL_CTX_new(TLS_client_method()), [](SSL_CTX* context) { SSL_CTX_free(context); })
    , server_name_(settings.server_name)
{
    if (!context_) throw std::bad_alloc();
    set_rules(context_.get(), settings.minimum);
    use_roots(context_.get(), settings);
    // Sessions go to the stream's own cache; OpenSSL's would mix them.
    SSL_CTX_set_session_cache_mode(context_.get(),
        settings.resume_sessions ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
    SSL_CTX_sess_set_new_cb(context_.get(), &keep_session);
    ERR_clear_error();
}

std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_context::make_client(const std::string& host) const
{
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl(SSL_new(context_.get()), [](ssl_st* end) { SSL_free(end); });
    if (!ssl) throw std::bad_alloc();
    if (!expect_name(ssl.get(), verified_name(host))) refuse_name(server_name_.empty() ? "api_url" : "tls.server_name");
    SSL_set_connect_state(ssl.get());
    return ssl;
}

}
