// Linking this must fail: one setting of Asio differs from the archive's.
#include <boost/version.hpp>
#ifdef DOKS_TEST_OTHER_BOOST
#undef BOOST_VERSION
#define BOOST_VERSION 100000
#endif

#include <doks/abi.hpp>

int main() {}
