#pragma once

#include "yaml/parse_error.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace doks::kube {

using yaml::parse_error;

/// Newer Boost wants to know what a `result` throws where its value is taken without a look.
template <class Fault> [[noreturn]] void throw_exception_from_error(const Fault& why, const boost::source_location&)
{
    throw why;
}

}
