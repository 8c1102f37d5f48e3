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

    Shape: a cheap copyable handle; copies share connections, quota and token. The last one going closes the idle
    connections. It must not outlive the context of its executor. While no call is under way it holds no work, so
    `run()` returns.
    Errors: a call throws `failure`; its `try_` form completes with a `result` instead and throws for nothing but
    bad_alloc, a malformed id included. Conditions: `denied` (401, 403), `not_found`
    (404: no such cluster, or still provisioning), `throttled` (no quota before the deadline), `timeout`, `unreachable`,
    `tls`, `invalid`, `cancelled`, `transient` (attempts used up).
    Cancel: terminal, partial and total alike end the call with `cancelled`; its connection is closed, others and the
    client are untouched.
    Threads: any; handlers run on their own executor.
    Cost: each kubeconfig call mints a credential in the cluster that lives until it expires; nothing revokes it. For
    that reason requests are never hedged.
*/
class client
{
public:
    /** Throws `failure` (`invalid`, `unusable_trust_store`) that names the field at fault.

        Within a co_await expression give a configuration that has a name: GCC 12 frees one in braces, or a default
        argument, twice. For the same reason there are two constructors.
    */
    client(boost::asio::any_io_executor executor, client_config config);
    explicit client(boost::asio::any_io_executor executor);

    /// The same connections, with another token, its own quota, and a label for bulk items.
    client with(token_source source, std::string label) const;

    /** The same client with another policy around its attempts, in bulks too.

        Shape: an attempt is the rate gate, a connection and one exchange, and cannot be taken apart: the gate stays. Without
        a `timeout` or an `attempt_timeout` in the policy the client's own hold, without a `retry` there is none. Of a
        deadline in the policy and one in the call's options the earlier one counts. In a bulk a deadline stands still while
        an id waits for quota, unless the policy is more than `timeout | retry | attempt_timeout`. `clusters` and
        `find_cluster` list page by page by such a plan; other policies stand around single requests only.
        Errors: throws where the policy holds a `rate_limited`.
    */
    client with(const policy& around) const;
    template <class... Policies> client with(const stack<Policies...>& around) const
    {
        return with_erased(std::make_shared<impl::erased_policy<Policies...>>(around.policies(), *this));
    }
    template <std::derived_from<user_policy> Policy> client with(const Policy& around) const
    {
        return with(stack<Policy>(std::tuple<Policy>(around)));
    }

    /** A kubeconfig for the cluster, its bytes as the API sent them.

        Source: `GET /v2/kubernetes/clusters/{cluster_id}/kubeconfig`. What it may do inside the cluster derives from the
        token owner's DigitalOcean role; custom roles map to nothing until an administrator binds them.
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto kubeconfig(std::string id, call_options options = {}, Token&& token = {}) const;

    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_kubeconfig(std::string id, call_options options = {}, Token&& token = {}) const;

    /** Every cluster that the token can see, all pages.

        Shape: complete when every page states the same total and the distinct ids add up to it; of several pages without
        totals two lists in a row have to hold the same ids. Otherwise the list is taken again from page 1, at most five
        times and within the deadline. A cluster that is deleted while another one is created can still hide a third: ask
        for a cluster by its id before you conclude that it is gone.
        Errors: a page that fails fails the call; `incomplete_listing`, whose detail says what did not agree last.
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto clusters(call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_clusters(call_options options = {}, Token&& token = {}) const;

    /** The same, of them those that are meant.

        Shape: the whole list is fetched and checked before any cluster is left out.
        Errors: a selector in braces does not compile: GCC 12 frees one within a co_await expression twice. Give it a name.
    */
    template <std::same_as<cluster_selector> Selector, class Token = boost::asio::use_awaitable_t<>>
    auto clusters(const Selector& wanted, call_options options = {}, Token&& token = {}) const;
    template <std::same_as<cluster_selector> Selector, class Token = boost::asio::use_awaitable_t<>>
    auto try_clusters(const Selector& wanted, call_options options = {}, Token&& token = {}) const;

    /// One cluster as the API lists it.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto cluster(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_cluster(std::string id, call_options options = {}, Token&& token = {}) const;

    /** The one cluster with this name; names are compared as they are.

        Errors: besides those of `clusters`, `no_such_cluster` (condition `not_found`), whose detail counts the clusters that
        the token sees; `ambiguous_name` (condition `invalid`), whose detail lists the ids of those that have the name.
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto find_cluster(std::string name, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_find_cluster(std::string name, call_options options = {}, Token&& token = {}) const;

    /** A new cluster, once it has a kubeconfig: in the state running, degraded or upgrading.

        Shape: it is looked at now, after 5 s, and then ever more rarely, up to each 30 s, with jitter, through the rate gate.
        The bound is 30 minutes unless the options set one; what stands around the client's attempts, a policy's deadline
        included, stands around each look.
        Waited through: provisioning, a state that the API documents in future, and a 404 for 2 minutes in a row, for a
        cluster that was just created is not known everywhere at once.
        Errors: `cluster_in_error`; `cluster_deleted` (deleting, deleted) and a 404 that lasts (both `not_found`);
        `timed_out`. Whatever else ends a look ends the wait. The detail names the state that was seen last.
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto wait_ready(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_wait_ready(std::string id, call_options options = {}, Token&& token = {}) const;

    /// Who the token's owner is inside the cluster; mints nothing, and promises no right there: see `cluster_user`.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto cluster_user(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_cluster_user(std::string id, call_options options = {}, Token&& token = {}) const;

    /// The credentials by themselves; the only answer that states its expiry exactly. Mints one, as a kubeconfig does.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto credentials(std::string id, call_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_credentials(std::string id, call_options options = {}, Token&& token = {}) const;

    /** Kubeconfigs of many clusters, in completion order; an id given twice is fetched once.

        Shape: more ids than the quota allows only take longer. See `bulk`.
    */
    bulk kubeconfigs(std::vector<std::string> ids, bulk_options options = {}) const;
    bulk kubeconfigs(std::vector<doks::cluster> clusters, bulk_options options = {}) const;

    /** Takes no new calls, lets those under way end within `bound`, cancels the rest and closes every connection.

        Shape: completes when nothing of this client and of those made by `with` is left.
    */
    template <class Token = boost::asio::use_awaitable_t<>>
    auto drain(std::chrono::steady_clock::duration bound, Token&& token = {}) const;

    const std::string& label() const noexcept;

    /// Where this token's quota stands; any thread.
    rate_limit_state rate_limit() const;

    /** When this token's quota would let the last of so many further requests go, if a bulk sent them from now on.

        @return  now or later, by what is known of the token's other users; nothing is reserved
        @par Threads any
    */
    std::chrono::steady_clock::time_point quota_free_at(std::size_t requests) const;

    /// The connections, those of clients made by `with` included; any thread.
    connection_stats connections() const;

    /** Opens connections ahead of the calls, for what must be fast from the first call on.

        Shape: completes with the number of connections that are ready: as many as asked for, the configured number at most,
        fewer where some could not be opened within `timeouts.pool`. It never fails; the calls that follow say why.
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
