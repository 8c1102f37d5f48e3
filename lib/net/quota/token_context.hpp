#pragma once

#include "core/retry/retry.hpp"
#include "net/known_secrets.hpp"
#include "net/quota/rate_gate.hpp"
#include "net/quota/token_origin.hpp"

#include <memory>
#include <string>
#include <vector>

namespace doks::net {

/** One API token's side of a client, on the client's strand: the token as it rotates, its gate, its retry budget.

    The token is fetched when first needed, again when its source says that it changed, and once more after a 401; one
    fetch serves everybody who waits. A new token has its own quota.
*/
class token_context : public std::enable_shared_from_this<token_context>
{
public:
    /// Somebody who needs the token.
    class waiter
    {
    public:
        /// Clear: `head()` is good. Else why there is no token, or none but the one that was refused.
        virtual void token_ready(const failure& why) = 0;

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
        std::shared_ptr<known_secrets> secrets; ///< those of the transport; the account adds its tokens
    };

    token_context(settings how, std::shared_ptr<async::timer_queue> timers);
    ~token_context();

    /// True if the token is at hand; else the waiter hears of it later.
    bool ready(waiter& who);
    /// After a 401 of a request sent with this generation. True if another token is at hand already.
    bool renew(std::uint64_t refused, waiter& who);
    void withdraw(waiter& who);

    std::uint64_t generation() const noexcept { return generation_; }
    /// The header of a request, Authorization included; shared by all requests of one generation.
    const std::shared_ptr<const secret_bytes>& head() const noexcept { return head_; }
    const std::string& label() const noexcept { return settings_.label; }

    rate_gate& gate() noexcept { return gate_; }
    core::retry_budget& budget() noexcept { return budget_; }

private:
    void fetch();
    void fetched(result<secret> token);
    failure tried(const secret& token);
    failure adopt(const secret& token);
    bool may_have_changed();

    settings settings_;
    std::shared_ptr<async::timer_queue> timers_;
    rate_gate gate_;
    core::retry_budget budget_;

    secret token_;
    std::shared_ptr<const secret_bytes> head_;
    std::uint64_t generation_ = 0;
    std::uint64_t version_ = 0;
    core::instant looked_at_{};
    std::vector<waiter*> waiting_;
    bool fetching_ = false;
    bool after_refusal_ = false;
};

}
