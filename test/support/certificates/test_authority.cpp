#include "support/certificates/test_authority.hpp"

#include "support/certificates/certificate_factory.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace doks::test {

namespace {

/// The path of a new file with this text.
std::string written(const std::string& text)
{
    const char* const folder = std::getenv("TMPDIR");
    std::string path = std::string(folder ? folder : "/tmp") + "/doks-test-ca-XXXXXX";
    const int file = ::mkstemp(path.data());
    if (file < 0) throw std::runtime_error("no temporary file at " + path);
    ::close(file);
    std::ofstream(path) << text;
    return path;
}

}

test_authority::test_authority(const std::string& name)
    : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free)
{
    const auto ca = issue(authority_order("test authority"));
    auto leaf_order = server_order({name == "127.0.0.1" ? address(name) : dns(name)});
    leaf_order.common_name = "not looked at";
    const auto leaf = issue(leaf_order, &ca);
    SSL_CTX_use_certificate(context_.get(), leaf.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), leaf.key.get());
    ca_file_ = written(ca.pem());
}

test_authority::~test_authority() { ::unlink(ca_file_.c_str()); }

}
