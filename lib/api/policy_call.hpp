#pragma once

#include "api/client_state.hpp"
#include "net/call/call.hpp"

#include <doks/impl/client_policy.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <memory>

namespace doks::impl {

struct api_reply
{
    net::call_response value;
};

}

namespace doks::api {

namespace asio = boost::asio;

/** A request under a policy that values cannot express: the policy runs as coroutines around calls of one attempt each.

    `start` and `cancel` are called on the client's strand. The policy, which may be the user's code, runs on a strand over the
    client's executor, and `conclude` is called on the client's strand again. The coroutine and the posts between the strands
    own it. It is not in the transport's list; the call of each attempt is, so a drain ends the attempt.
*/
class policy_call : public net::pending_request,
                    public impl::api_attempt::maker,
                    public std::enable_shared_from_this<policy_call>
{
public:
    policy_call(std::shared_ptr<const client_state> from, net::request_spec spec);

    void start() override;
    void cancel(boost::system::error_code why) override;
    bool waits_for_quota() const noexcept override { return false; }
    asio::awaitable<impl::reply_handle> attempt() override;

protected:
    /// On the client's strand, once.
    virtual void conclude(result<net::call_response> outcome) = 0;
    net::request_spec& spec() noexcept { return spec_; }

private:
    void begin();
    asio::awaitable<impl::reply_handle> send_once();
    void ended(std::exception_ptr thrown, impl::reply_handle got);
    failure failure_of(const std::exception_ptr& thrown) const;

    std::shared_ptr<const client_state> client_;
    net::request_spec spec_;
    async::executor strand_;
    asio::cancellation_signal signal_;
    boost::system::error_code cancelled_; ///< the cause; the policy may hide it, so the outcome is taken from here
    core::instant started_{};
    unsigned attempts_ = 0; ///< calls made, over all attempts of the policy
    unsigned resends_ = 0;  ///< of all these calls
    bool over_ = false;
};

}
