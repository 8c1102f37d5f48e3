#pragma once

#include <cstdint>
#include <string_view>

namespace doks::core {

/** True if a NO_PROXY list names the host: it is to be reached directly.

    Entries are parted by commas or spaces. `*` names every host; `example.com` and `.example.com` name it and all
    names below it; an address names itself, `10.0.0.0/8` the addresses of its network; `:443` behind an entry restricts it
    to that port. Letters match in either case. What is none of these names nothing.
    @see the conventions of curl and of Go's golang.org/x/net/http/httpproxy, where they agree or one has more.
*/
bool bypasses_proxy(std::string_view list, std::string_view host, std::uint16_t port);

}
