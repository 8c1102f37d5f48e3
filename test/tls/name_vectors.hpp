#pragma once

#include "support/certificates/certificate_factory.hpp"

#include <string>
#include <vector>

namespace doks::test {

/// A name that is asked for, a certificate, and whether RFC 9525 has the one stand for the other.
struct name_vector
{
    std::string about;
    std::string host;
    order leaf;
    bool expected = false;
    std::string constraints = {}; ///< of its authority
};

std::vector<name_vector> every_name_vector();

}
