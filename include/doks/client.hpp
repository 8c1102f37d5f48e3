#pragma once

#include <doks/abi.hpp>
#include <doks/bulk.hpp>
#include <doks/call_options.hpp>
#include <doks/client_config.hpp>
#include <doks/cluster.hpp>
#include <doks/cluster_selector.hpp>
#include <doks/connection_stats.hpp>
#include <doks/failure.hpp>
#include <doks/impl/client_policy.hpp>
#include <doks/kubeconfig.hpp>
#include <doks/observer.hpp>
#include <doks/policy.hpp>
#include <doks/rate_limit.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace doks {

namespace api {
struct client_state;
}

/** Fetches kubeconfigs of DigitalOcean Kubernetes clusters.

    A handle: copies are cheap and share connections, quota and token. The last copy that is destroyed closes the idle
    connections. No client may outlive its executor's context. While no call is under way a client holds no work, so `run()`
    returns. Where no other signature is stated, a call that gives a `T` completes as follows.
    @par Completion
    `void(std::exception_ptr, T)`; `void(result<T>)` for the `try_` form, which throws nothing but bad_alloc
    @throws failure of condition `denied` (401, 403), `not_found` (404: no such cluster, or still being provisioned),
    `throttled` (no quota before the deadline), `timeout`, `unreachable`, `tls`, `invalid`, `cancelled`, or `transient`
    (attempts used up)
    @par Executor
    A handler runs on its associated executor, else on the client's.
    @par Cancellation
    terminal, partial and total alike end the call with `cancelled` and close its connection; nothing else is affected.
    @par Thread safety
    Any thread may call any member of any copy.
    @par Cost
    Each kubeconfig call mints a credential in the cluster. It lives until it expires, and nothing revokes it; so requests
    are never hedged.
*/
class client
{
public:
    /** @throws failure (`invalid`, `unusable_trust_store`) that names the field at fault

        Within a co_await expression give a configuration that has a name: GCC 12 frees one in braces, or a default
        argument, twice. That is why there are two constructors.
    */
    client(boost::asio::any_io_executor executor, client_config config);
    explicit client(boost::asio::any_io_executor executor);

    /// A client with the same connections, but another token with its own quota, and a label for bulk items.
    client with(token_source source, std::string label) const;

    /** The same client with another policy around its attempts, in bulks too.

        An attempt consists of the rate gate, a connection and one exchange; the gate stays. If the policy has no `timeout` or
        `attempt_timeout`, the client's own hold; if it has no `retry`, nothing is retried. The earlier of the policy's
        timeout and the deadline of the call's options counts. In a bulk a timeout does not run while an id waits for quota,
        unless the policy is more than `timeout | retry | attempt_timeout`. A call of several requests applies the policy to
        each of them; the timeout of such a simple policy bounds all of them together, except in `wait_ready`.
        @throws failure with `invalid_argument` if the policy contains a `rate_limited`
    */
    client with(const policy& around) const;
    template <class... Policies> client with(const policy_stack<Policies...>& around) const
    {
        return with_erased(std::make_shared<impl::erased_policy<Policies...>>(around.policies(), *this));
    }
    template <std::derived_from<user_policy> Policy> client with(const Policy& around) const
    {
        return with(policy_stack<Policy>(std::tuple<Policy>(around)));
    }

    /** Gives a `doks::kubeconfig` for the cluster, its bytes as the API sent them.

        Its rights inside the cluster derive from the token owner's DigitalOcean role; custom roles map to nothing until an
        administrator binds them.
        @see `GET /v2/kubernetes/clusters/{cluster_id}/kubeconfig`
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto kubeconfig(std::string id, call_options options = {}, Token&& token = {}) const;

    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_kubeconfig(std::string id, call_options options = {}, Token&& token = {}) const;

    /** Gives every cluster that the token can see, as a `std::vector<doks::cluster>` of all pages.

        The list is complete if every page states the same total and the distinct ids add up to it; if several pages state no
        total, two lists in a row have to hold the same ids. Otherwise the list is requested again from page 1, at most five
        times and within the deadline. A cluster that is deleted while another one is created can still hide a third one: ask
        for a cluster by its id before you conclude that it is gone.
        @throws failure of the first page that fails; `incomplete_listing`, whose detail says what disagreed last
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto clusters(call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_clusters(call_options options = {}, Token&& token = {}) const;

    /** The clusters that match `wanted`. The whole list is fetched and checked before any cluster is left out.

        A selector in braces does not compile, for GCC 12 frees one within a co_await expression twice: give it a name.
    */
    template <std::same_as<cluster_selector> Selector, class Token = boost::asio::use_awaitable_t<>>
    auto clusters(const Selector& wanted, call_options options = {}, Token&& token = {}) const;
    template <std::same_as<cluster_selector> Selector, class Token = boost::asio::use_awaitable_t<>>
    auto try_clusters(const Selector& wanted, call_options options = {}, Token&& token = {}) const;

    /// Gives a `doks::cluster`, as the API lists it.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto cluster(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_cluster(std::string id, call_options options = {}, Token&& token = {}) const;

    /** Gives the only `doks::cluster` of this name; case counts.

        @throws failure as `clusters` does; `no_such_cluster` (condition `not_found`), whose detail counts the clusters that
        the token sees; `ambiguous_name` (condition `invalid`), whose detail lists the ids of the clusters of this name
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto find_cluster(std::string name, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_find_cluster(std::string name, call_options options = {}, Token&& token = {}) const;

    /** Gives a new `doks::cluster` once it has a kubeconfig: in the state running, degraded or upgrading.

        It requests the cluster now, after 5 s, and then ever more rarely, up to every 30 s, with jitter and through the rate
        gate. The whole may take 30 minutes unless the options say otherwise; the client's policy, its timeout included, wraps
        each request. It waits through the state provisioning, through states that are not documented today, and through a
        404 for 2 minutes in a row, for a new cluster is not known everywhere at once.
        @throws failure with `cluster_in_error`; `cluster_deleted` (deleting, deleted) and a 404 that lasts (both of condition
        `not_found`); `timed_out`; or that of a request that failed. The detail names the last state that was seen
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto wait_ready(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_wait_ready(std::string id, call_options options = {}, Token&& token = {}) const;

    /// Gives a `doks::cluster_user`: the token owner's identity inside the cluster. It mints nothing, and promises no right.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto cluster_user(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_cluster_user(std::string id, call_options options = {}, Token&& token = {}) const;

    /// Gives `doks::credentials`: the parts of a kubeconfig with their exact expiry. It mints a credential, as `kubeconfig` does.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto credentials(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_credentials(std::string id, call_options options = {}, Token&& token = {}) const;

    /** Kubeconfigs of many clusters, in the order of completion; an id given twice is fetched once.

        More ids than the quota allows only take longer.
        @throws failure with `invalid_argument` for options that contradict one another
    */
    bulk kubeconfigs(std::vector<std::string> ids, bulk_options options = {}) const;
    bulk kubeconfigs(std::vector<doks::cluster> clusters, bulk_options options = {}) const;

    /** Takes no new calls, lets those under way end within `bound`, cancels the rest and closes every connection.

        @par Completion
        `void()`, once nothing of this client and of those made from it by `with` is left
        @par Cancellation
        none
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto drain(std::chrono::steady_clock::duration bound, Token&& token = {}) const;

    const std::string& label() const noexcept;

    /// The state of this token's quota.
    rate_limit_state rate_limit() const;

    /** When this token's quota would let the last of so many further requests go, if a bulk sent them from now on.

        @return now or later, by what is known of the token's other users; nothing is reserved
    */
    std::chrono::steady_clock::time_point quota_free_at(std::size_t requests) const;

    /// The connections, those of clients made by `with` included.
    connection_stats connections() const;

    /** Opens connections ahead of the calls, for a program whose first call must be fast.

        @par Completion
        `void(std::size_t)` with the number of connections that are ready: `count`, at most the configured number, and fewer
        if some could not be opened within `timeouts.pool` or it was cancelled. It never fails; the next calls say why.
    */
    template <class Token = boost::asio::use_awaitable_t<>> auto warm_up(std::size_t count, Token&& token = {}) const;

private:
    friend struct client_access;
    template <class T> using handler_of = boost::asio::any_completion_handler<void(result<T>)>;
    template <class T, class Subject> using start_of = void (client::*)(Subject, call_options, handler_of<T>) const;

    explicit client(std::shared_ptr<const api::client_state> from) noexcept
        : state_(std::move(from))
    {}

    client with_erased(std::shared_ptr<const impl::client_policy> around) const;
    void start_kubeconfig(std::string id, call_options options, handler_of<doks::kubeconfig> handler) const;
    void start_clusters(std::string, call_options options, handler_of<std::vector<doks::cluster>> handler) const;
    void start_selection(cluster_selector wanted, call_options, handler_of<std::vector<doks::cluster>> handler) const;
    void start_find(std::string name, call_options options, handler_of<doks::cluster> handler) const;
    void start_wait(std::string id, call_options options, handler_of<doks::cluster> handler) const;
    void start_cluster_user(std::string id, call_options options, handler_of<doks::cluster_user> handler) const;
    void start_cluster(std::string id, call_options options, handler_of<doks::cluster> handler) const;
    void start_credentials(std::string id, call_options options, handler_of<doks::credentials> handler) const;
    void start_warm_up(std::size_t count, boost::asio::any_completion_handler<void(std::size_t)> handler) const;
    void start_drain(std::chrono::steady_clock::duration bound, boost::asio::any_completion_handler<void()>) const;

    /// Completes with `void(std::exception_ptr, T)` what `start` completes with a result.
    template <class T, class Token, class Subject>
    auto throwing(Token& token, start_of<T, Subject> start, Subject subject, call_options options) const;
    /// Completes with the result.
    template <class T, class Token, class Subject>
    auto trying(Token& token, start_of<T, Subject> start, Subject subject, call_options options) const;

    std::shared_ptr<const api::client_state> state_;
};

}

#include <doks/impl/client.hpp>
