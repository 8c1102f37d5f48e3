#include "kubeconfig/read/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace doks::kube {

namespace {

struct release
{
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(X509* certificate) const noexcept { X509_free(certificate); }
};

/// OpenSSL's own would ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

std::unique_ptr<X509, release> first_certificate(std::string_view pem)
{
    const std::unique_ptr<BIO, release> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!in) return nullptr;
    return std::unique_ptr<X509, release>(PEM_read_bio_X509(in.get(), nullptr, &no_password, nullptr));
}

std::optional<std::chrono::system_clock::time_point> moment(const ASN1_TIME* time)
{
    std::tm broken{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &broken) != 1) return std::nullopt;
    constexpr int last_representable = 2261;
    if (broken.tm_year + 1900 > last_representable) return std::chrono::system_clock::time_point::max();
    return std::chrono::system_clock::from_time_t(std::max<std::time_t>(::timegm(&broken), 0));
}

}

std::optional<std::chrono::system_clock::time_point> not_after(std::string_view pem)
{
    ERR_set_mark();
    const auto certificate = first_certificate(pem);
    ERR_pop_to_mark();
    if (!certificate) return std::nullopt;
    return moment(X509_get0_notAfter(certificate.get()));
}

}
