#pragma once

#include "core/outcome.hpp"

#include <doks/failure.hpp>

#include <exception>

namespace doks::net {

/// What an exception says of an attempt: its error code, and of a `failure` the server's hint. Without a code it is `unclassified`.
core::outcome classify(const std::exception_ptr& thrown);
/// The same of an error, and of the failure that it comes from if there is one.
core::outcome classify(const boost::system::error_code& cause, const failure* why);

}
