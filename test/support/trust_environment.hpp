#pragma once

#include <string>

#include <stdlib.h>

namespace doks::test {

/// SSL_CERT_FILE and SSL_CERT_DIR for the life of this object, empty: unset; no other thread may run meanwhile.
class trust_environment
{
public:
    trust_environment(const std::string& file, const std::string& directory)
    {
        set("SSL_CERT_FILE", file);
        set("SSL_CERT_DIR", directory);
    }
    ~trust_environment()
    {
        ::unsetenv("SSL_CERT_FILE");
        ::unsetenv("SSL_CERT_DIR");
    }
    trust_environment(const trust_environment&) = delete;
    trust_environment& operator=(const trust_environment&) = delete;

private:
    static void set(const char* name, const std::string& value)
    {
        value.empty() ? ::unsetenv(name) : ::setenv(name, value.c_str(), 1);
    }
};

}
