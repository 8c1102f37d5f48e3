#include <boost/version.hpp>
#ifdef DOKS_TEST_OTHER_BOOST
#undef BOOST_VERSION
#define BOOST_VERSION 100000
#endif

#include <doks/abi.hpp>

int main() {}
