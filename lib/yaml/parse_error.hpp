#pragma once

#include <boost/assert/source_location.hpp>

#include <string>

namespace doks::yaml {

/// Why a text cannot be used, and what to do about it; it never quotes a value.
struct parse_error
{
    std::string reason;
};
/// Newer Boost wants to know what `result` throws where its value is taken without a look.
[[noreturn]] inline void throw_exception_from_error(const parse_error& why, const boost::source_location&)
{
    throw why;
}

}
