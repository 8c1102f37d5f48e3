#include <doks/abi.hpp>

namespace doks::abi {

constexpr char BOOST_JOIN(compiled_with_boost_, BOOST_VERSION) = 0;

}
