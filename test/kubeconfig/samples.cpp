#include "kubeconfig/samples.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

// Certificates by OpenSSL, and the text of a kubeconfig around them.

namespace sample {

namespace {

template <class T, void (*Free)(T*)> struct freed
{
    void operator()(T* object) const { Free(object); }
};
using owned_key = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY, EVP_PKEY_free>>;
using owned_certificate = std::unique_ptr<X509, freed<X509, X509_free>>;
using owned_bio = std::unique_ptr<BIO, freed<BIO, BIO_free_all>>;

std::string text_of(BIO* bio)
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<std::size_t>(size));
}

}

const identity& long_lived()
{
    using namespace std::chrono;
    static const identity made = expiring_at(sys_days(year(2031) / month(5) / day(17)) + hours(11));
    return made;
}

identity expiring_at(std::chrono::system_clock::time_point when)
{
    const owned_key key(EVP_EC_gen("P-256"));
    const owned_certificate certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), 0);
    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), std::chrono::system_clock::to_time_t(when));
    X509_set_pubkey(certificate.get(), key.get());
    if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0) throw std::runtime_error("cannot sign");
    const owned_bio pem(BIO_new(BIO_s_mem()));
    const owned_bio key_pem(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(pem.get(), certificate.get());
    PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return {text_of(pem.get()), text_of(key_pem.get()), when};
}

std::string base64(std::string_view bytes)
{
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), from, static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string around(std::string_view user, std::string_view cluster_id)
{
    std::string text = "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ";
    text += base64(long_lived().certificate);
    text += "\n    server: https://";
    text += cluster_id;
    text += ".k8s.ondigitalocean.com\n  name: do-nyc1-blue\ncontexts:\n- context:\n    cluster: do-nyc1-blue\n"
            "    user: do-nyc1-blue-admin\n  name: do-nyc1-blue\ncurrent-context: do-nyc1-blue\nkind: Config\n"
            "preferences: {}\nusers:\n- name: do-nyc1-blue-admin\n  user:\n";
    text += user;
    return text;
}

std::string with_token(std::string_view cluster_id, std::string_view bearer)
{
    return around("    token: " + std::string(bearer) + '\n', cluster_id);
}

std::string with_certificate(const identity& who, std::string_view cluster_id)
{
    return around(
        "    client-certificate-data: " + base64(who.certificate) + "\n    client-key-data: " + base64(who.key) + '\n',
        cluster_id);
}

std::string with_exec(std::string_view cluster_id)
{
    return around("    exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      args:\n      - kubernetes\n"
                  "      - cluster\n      command: doctl\n      env:\n      - name: MODE\n        value: quiet\n"
                  "      provideClusterInfo: false\n",
        cluster_id);
}

std::string as_json()
{
    return R"({"kind":"Config","apiVersion":"v1","clusters":[{"name":"c","cluster":{"server":"https://)" +
           std::string(id) + R"(.k8s.ondigitalocean.com"}}],"contexts":[{"name":"x","context":{"cluster":"c",)" +
           R"("user":"u"}}],"current-context":"x","users":[{"name":"u","user":{"token":"abc\u0044ef"}}]})";
}

std::string changed(std::string text, std::string_view from, std::string_view to)
{
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("the sample has no " + std::string(from));
    return text.replace(at, from.size(), to);
}

}
