#include "net/tls/tls_error.hpp"

#include "net/tls/tls_session_data.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>
#include <memory>
#include <new>
#include <string_view>

namespace doks::net {

namespace {

std::string date_of(const ASN1_TIME* at)
{
    tm parts{};
    if (ASN1_TIME_to_tm(at, &parts) != 1) return "at an unreadable date";
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02d-%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    return text;
}

/// A date that seems wrong may be right, and the clock wrong.
std::string by_our_clock()
{
    const auto free_time = [](ASN1_TIME* at) { ASN1_TIME_free(at); };
    const std::unique_ptr<ASN1_TIME, decltype(free_time)> now(X509_gmtime_adj(nullptr, 0), free_time);
    return now ? "; this machine's clock says " + date_of(now.get()) : "";
}

std::string text_of(const GENERAL_NAME* name)
{
    if (name->type == GEN_DNS) {
        const auto* bytes = ASN1_STRING_get0_data(name->d.dNSName);
        std::string text(
            reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
        for (char& c : text)
            if (c < ' ' || c > '~') c = '?';
        return text;
    }
    if (name->type != GEN_IPADD) return {};
    const auto* bytes = ASN1_STRING_get0_data(name->d.iPAddress);
    if (ASN1_STRING_length(name->d.iPAddress) != 4) return "an IPv6 address";
    return std::to_string(bytes[0]) + '.' + std::to_string(bytes[1]) + '.' + std::to_string(bytes[2]) + '.' +
           std::to_string(bytes[3]);
}

/// The names that the certificate is good for; the first few of them.
std::string names_of(const X509* certificate)
{
    constexpr int most = 4;
    const auto free_names = [](GENERAL_NAMES* all) { GENERAL_NAMES_free(all); };
    const std::unique_ptr<GENERAL_NAMES, decltype(free_names)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), free_names);
    std::string list;
    const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
    for (int i = 0; i < count && i < most; ++i) {
        const auto text = text_of(sk_GENERAL_NAME_value(names.get(), i));
        if (!text.empty()) list += (list.empty() ? "" : ", ") + text;
    }
    if (count > most) list += ", ...";
    return list.empty() ? "no name" : list;
}

std::string text_of(X509* certificate, int why, const std::string& host)
{
    if (certificate && why == X509_V_ERR_CERT_HAS_EXPIRED)
        return "certificate expired " + date_of(X509_get0_notAfter(certificate)) + by_our_clock();
    if (certificate && why == X509_V_ERR_CERT_NOT_YET_VALID)
        return "certificate not valid before " + date_of(X509_get0_notBefore(certificate)) + by_our_clock();
    if (certificate && (why == X509_V_ERR_HOSTNAME_MISMATCH || why == X509_V_ERR_IP_ADDRESS_MISMATCH))
        return "host name mismatch: certificate is for " + names_of(certificate) + ", not for " + host;
    return X509_verify_cert_error_string(why);
}

/// OpenSSL calls alerts by the version that introduced them: "sslv3 alert handshake failure".
std::string in_plain_words(std::string_view reason)
{
    constexpr std::string_view mark = " alert ";
    const auto at = reason.find(mark);
    if (reason == "bad extension") return "bad extension, such as another protocol chosen than HTTP/1.1";
    if (at == std::string_view::npos) return std::string(reason);
    return "alert from the server: " + std::string(reason.substr(at + mark.size()));
}

}

int note_certificate_fault(int verified, x509_store_ctx_st* at)
{
    if (verified == 1) return verified;
    auto* const end = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(at, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* const noted = static_cast<tls_session_data*>(SSL_get_app_data(end));
    try {
        if (noted)
            noted->fault = text_of(X509_STORE_CTX_get_current_cert(at), X509_STORE_CTX_get_error(at), noted->name);
    } catch (const std::bad_alloc&) {
        // Nothing may be thrown through OpenSSL's frames; its own word for the error remains.
    }
    return verified;
}

std::string describe_tls_error(const ssl_st* end, const tls_session_data& noted)
{
    const unsigned long first = ERR_peek_error();
    const char* const reason = first ? ERR_reason_error_string(first) : nullptr;
    ERR_clear_error();
    const long verified = SSL_get_verify_result(end);
    if (!noted.fault.empty()) return noted.fault;
    if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
    return reason ? in_plain_words(reason) : "unknown TLS error";
}

}
