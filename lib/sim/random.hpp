#pragma once

#include <cstddef>
#include <string>

namespace doks::sim {

/** Lower-case hexadecimal digits of so many unpredictable bytes. */
std::string random_hex(std::size_t bytes);

/** A version 4 UUID. */
std::string random_uuid();

}
