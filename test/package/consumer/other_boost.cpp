#include <boost/version.hpp>
#undef BOOST_VERSION
#define BOOST_VERSION 100000

#include <doks/abi.hpp>

int main() {}
