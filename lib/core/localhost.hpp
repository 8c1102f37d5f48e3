#pragma once

#include "core/http/response_headers.hpp"

#include <string_view>

namespace doks::core {

/** The name of this machine's loopback, which no name service is asked for: `localhost` or one below it, with a dot at the
    end or without, in any case.

    @see RFC 6761 §6.3.
*/
inline bool is_localhost(std::string_view name)
{
    constexpr std::string_view top = "localhost";
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.size() < top.size() || !same_name(name.substr(name.size() - top.size()), top)) return false;
    name.remove_suffix(top.size());
    return name.empty() || (name.size() > 1 && name.ends_with('.'));
}

}
