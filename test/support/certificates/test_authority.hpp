#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace doks::test {

/** A certificate authority of the test's own, and what it signed.

    Shape: `ca_file` is a PEM file that lives as long as this object. `context` is a server's, with a certificate for one
    DNS name, or for 127.0.0.1 where that is the name.
*/
class test_authority
{
public:
    explicit test_authority(const std::string& name);
    ~test_authority();
    test_authority(const test_authority&) = delete;
    test_authority& operator=(const test_authority&) = delete;

    const std::string& ca_file() const noexcept { return ca_file_; }
    SSL_CTX* context() const noexcept { return context_.get(); }

private:
    std::string ca_file_;
    std::shared_ptr<SSL_CTX> context_;
};

}
