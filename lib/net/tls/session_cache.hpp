#pragma once

#include "async/synchronized.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

struct ssl_session_st;

namespace doks::net {

/** TLS sessions of verified connections, to be resumed by later ones.

    Shape: for one profile and one origin, so that a session never crosses from one to the other. Each is taken once, the
    newest first. OpenSSL does not verify a certificate again where it resumes; so a session is as old as the handshake that
    did, and is not given out beyond `life`.
    Threads: any.
    Source: RFC 8446 §C.4 (tickets are used once); SSL_get_verify_result(3), "BUGS".
*/
class session_cache
{
public:
    struct session
    {
        std::shared_ptr<ssl_session_st> ticket;
        core::instant verified_at; ///< by the boot clock
    };

    session_cache(std::size_t most, core::duration life)
        : most_(most)
        , life_(life)
    {}

    void put(session fresh)
    {
        kept_.with([&](auto& kept) {
            if (kept.size() == most_) kept.erase(kept.begin());
            kept.push_back(std::move(fresh));
        });
    }

    std::optional<session> take(core::instant now)
    {
        return kept_.with([&](auto& kept) -> std::optional<session> {
            std::erase_if(kept, [&](const session& each) { return now - each.verified_at >= life_; });
            if (kept.empty()) return std::nullopt;
            auto newest = std::move(kept.back());
            kept.pop_back();
            return newest;
        });
    }

private:
    const std::size_t most_;
    const core::duration life_;
    async::synchronized<std::vector<session>> kept_;
};

}
