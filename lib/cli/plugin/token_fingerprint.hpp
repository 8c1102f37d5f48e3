#pragma once

#include <doks/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <string>

namespace doks::cli {

/** Tells API tokens apart in this cache without giving them away.

    32 hexadecimal digits, of the SHA-256 of a salt and the token. The salt, 32 random bytes, is the file `.salt` of
    the cache with mode 0600. The first process makes it while others wait; one that is not 32 bytes long, or cannot be
    read, is replaced, and all that is cached is then minted once more.
    Errors: throws `failure` with `unusable_directory` where the salt can be neither read nor made.
    Cost: no lock where the salt is there.
*/
boost::asio::awaitable<std::string> token_fingerprint(std::filesystem::path cache, secret token);

}
