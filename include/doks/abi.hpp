#pragma once

#include <boost/config.hpp>
#include <boost/version.hpp>

/// The symbol that tells which Boost a program, or doks itself, was compiled with.
#define DOKS_BOOST_SYMBOL BOOST_JOIN(compiled_with_boost_, BOOST_VERSION)

namespace doks::abi {

/** Ties a program to the Boost that doks was compiled with, for Asio's types are part of the API.

    Errors: another Boost fails at link time: `undefined reference to doks::abi::compiled_with_boost_108300`.
    Cost: one pointer in a program, none in its code.
*/
extern const char DOKS_BOOST_SYMBOL;
[[gnu::used, gnu::retain, gnu::visibility("hidden")]] inline constexpr const char* boost_version = &DOKS_BOOST_SYMBOL;

}

#undef DOKS_BOOST_SYMBOL
