#pragma once

#include "yaml/parse_error.hpp"

namespace doks::kube {

using yaml::parse_error;

}
