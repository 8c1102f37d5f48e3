#pragma once

#include "core/retry/retry.hpp"
#include "net/known_secrets.hpp"
#include "net/quota/rate_gate.hpp"
#include "net/quota/token_origin.hpp"

#include <memory>
#include <string>
#include <vector>

namespace doks::net {

/** One API token of a client, on the client's strand: the token as it rotates, its gate, its retry budget.

    Clients and calls own it. The token is fetched when it is first needed, again when its source says that it changed, and
    once more after a 401; one fetch serves all waiters. A new token has its own quota.
*/
class token_context : public std::enable_shared_from_this<token_context>
{
public:
    /// Waits for the token.
    class waiter
    {
    public:
        /// `head()` is valid if the error is clear. Else there is no token, or only the one that was refused.
        virtual void token_ready(const failure& error) = 0;

    protected:
        ~waiter() = default;
    };

    struct settings
    {
        asio::any_io_executor user_executor;
        async::executor strand;
        std::string origin;       ///< scheme, host and port; part of the quota's key
        std::string fixed_header; ///< every header field but Authorization
        std::vector<rate_window> windows;
        token_source source;
        std::string label;
        std::shared_ptr<known_secrets> secrets; ///< those of the transport; this adds its tokens
    };

    token_context(settings options, std::shared_ptr<async::timer_queue> timers);
    ~token_context();

    /// True if the token is known; else the waiter is called later.
    bool ready(waiter& waiting);
    /// After a 401 for this generation of the token. True if there is another token already; else the waiter is called later.
    bool renew(std::uint64_t refused, waiter& waiting);
    void withdraw(waiter& waiting);

    std::uint64_t generation() const noexcept { return generation_; }
    /// The header of a request, Authorization included; shared by all requests of one generation.
    const std::shared_ptr<const secret_bytes>& head() const noexcept { return head_; }
    const std::string& label() const noexcept { return settings_.label; }

    rate_gate& gate() noexcept { return gate_; }
    core::retry_budget& budget() noexcept { return budget_; }

private:
    void fetch();
    void fetched(result<secret> token);
    failure try_to_use(const secret& token);
    failure use(const secret& token);
    bool may_have_changed();

    settings settings_;
    std::shared_ptr<async::timer_queue> timers_;
    rate_gate gate_;
    core::retry_budget budget_;

    secret token_;
    std::shared_ptr<const secret_bytes> head_;
    std::uint64_t generation_ = 0; ///< counts the tokens, so that a late 401 for an earlier one renews nothing
    std::uint64_t version_ = 0;    ///< the source's, as of the last fetch
    core::instant checked_at_{};   ///< when `version` was last asked, at most once a second
    std::vector<waiter*> waiting_;
    bool fetching_ = false;
    bool after_refusal_ = false;
};

}
