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

    There is one for each tls_context and origin, so that no session is used for another. Each is taken once, the newest
    first. OpenSSL does not verify a certificate again when it resumes; so the age of a session counts from the handshake that
    did, and no session older than `life` is returned. Any thread: connections share it.
    @see RFC 8446 §C.4 (tickets are used once); SSL_get_verify_result(3), "BUGS"
*/
class session_cache
{
public:
    struct session
    {
        std::shared_ptr<ssl_session_st> ticket;
        core::instant verified_at; ///< by the boot clock
    };

    session_cache(std::size_t max_sessions, core::duration life)
        : max_sessions_(max_sessions)
        , life_(life)
    {}

    void put(session fresh)
    {
        kept_.with([&](auto& kept) {
            if (kept.size() == max_sessions_) kept.erase(kept.begin());
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
    const std::size_t max_sessions_;
    const core::duration life_;
    async::synchronized<std::vector<session>> kept_;
};

}
