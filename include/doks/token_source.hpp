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

/** Where the API token comes from; it may rotate while the client lives.

    Shape: a cheap copyable handle. After a 401 the client asks it once more: another token means that the request is
    sent again without using an attempt, the same one ends the call.
    Errors: a token with a line break, a space or anything else outside printable ASCII never leaves: `no_token`.
*/
class token_source
{
public:
    struct origin;

    /// No token: every call fails with `no_token`.
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

/// A file that holds the token, white space around it ignored; read again when it changes, and after a 401.
token_source token_file(std::filesystem::path path);

/// The user's own coroutine; it runs on the client's executor, one at a time. What it throws fails the call (`no_token`);
/// of a `failure` the detail and the remedy become the call's.
token_source token_coroutine(std::function<boost::asio::awaitable<secret>()> fetch);

}
