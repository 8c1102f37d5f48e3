#pragma once

#include <array>
#include <string_view>

namespace doks::kube {

/// The keys of a user's entry that hold a credential or say where one is.
inline constexpr std::array<std::string_view, 10> credential_keys{"token", "tokenFile", "client-certificate",
    "client-certificate-data", "client-key", "client-key-data", "exec", "auth-provider", "username", "password"};

}
