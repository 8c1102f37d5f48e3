#pragma once

#include "core/outcome.hpp"

#include <doks/failure.hpp>

#include <exception>

namespace doks::net {

/// The outcome of an attempt that threw: the exception's error code, else `unclassified`; a `failure` adds the server's hint.
core::outcome classify(const std::exception_ptr& thrown);
/// The same of an error code, and of the failure that it comes from, if any.
core::outcome classify(const boost::system::error_code& cause, const failure* origin);

}
