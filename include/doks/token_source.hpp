#pragma once

#include <doks/abi.hpp>
#include <doks/secret.hpp>

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace doks {

/** The source of the API token, which may rotate while the client lives. A handle; copies are cheap.

    After a 401 the client asks it once more: with another token the request is sent again without using an attempt, with
    the same one the call ends. A token with a line break, a space or anything else outside printable ASCII is never sent:
    the call fails with `no_token`.
    @par Thread safety
    Any thread.
*/
class token_source
{
public:
    struct origin;

    /// Without a token: every call fails with `no_token`.
    token_source() = default;
    explicit token_source(std::shared_ptr<const origin> from)
        : origin_(std::move(from))
    {}

    const std::shared_ptr<const origin>& get() const noexcept { return origin_; }

private:
    std::shared_ptr<const origin> origin_;
};

/// A token that does not change.
token_source token(secret value);
token_source token(std::string_view value);

/// A file with the token; white space around it is ignored. It is read again when it changes, and after a 401.
token_source token_file(std::filesystem::path path);

/** A coroutine of the user. It runs on the client's executor, one at a time.

    If it throws, the call fails with `no_token`; the detail and the remedy of a thrown `failure` become the call's.
*/
token_source token_coroutine(std::function<boost::asio::awaitable<secret>()> fetch);

}
