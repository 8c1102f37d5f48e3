#pragma once

#include <string>

namespace doks::yaml {

/// Why a text cannot be used, and what to do about it; it never quotes a value.
struct parse_error
{
    std::string reason;
};

}
