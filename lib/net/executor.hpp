#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

namespace doks::net {

namespace asio = boost::asio;

/// The one executor type of this room: a strand, so that what hangs on it needs no lock.
using executor = asio::strand<asio::any_io_executor>;

}
