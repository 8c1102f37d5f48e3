#include "api/client_state.hpp"

#include "api/bulk/bulk_state.hpp"
#include "api/clusters/cluster_choice.hpp"
#include "api/clusters/listing.hpp"
#include "api/clusters/ready_wait.hpp"
#include "api/config/proxy_choice.hpp"
#include "api/decode/decoding.hpp"
#include "api/exact_kubeconfig.hpp"
#include "api/send.hpp"
#include "net/pool/warm_up.hpp"

#include <doks/impl/client_policy.hpp>

#include <algorithm>
#include <utility>

namespace doks::api {

std::shared_ptr<net::token_context> client_state::make_token_context(token_source source, std::string name) const
{
    net::token_context::settings how{transport->user_executor(), transport->strand(), api.text(),
        fixed_header(api, user_agent), windows, std::move(source), std::move(name), transport->secrets()};
    return std::make_shared<net::token_context>(std::move(how), transport->shared_timers());
}

std::shared_ptr<const client_state> client_state::with(token_source source, std::string name) const
{
    auto other = std::make_shared<client_state>(*this);
    other->label = name;
    other->token = make_token_context(std::move(source), std::move(name));
    other->page_size = std::make_shared<std::atomic<unsigned>>(largest_page); // another account has other clusters
    return other;
}

std::shared_ptr<const client_state> client_state::with(const impl::policy_segment& around) const
{
    auto other = std::make_shared<client_state>(*this);
    other->own_policy_values = around;
    other->own_policy = nullptr;
    return other;
}

std::shared_ptr<const client_state> client_state::with(std::shared_ptr<const impl::client_policy> around) const
{
    auto other = std::make_shared<client_state>(*this);
    other->own_policy_values.reset();
    other->own_policy = std::move(around);
    return other;
}

}

namespace doks {

namespace {

/// An id becomes a path segment, so it is checked before anything is sent.
std::optional<failure> wrong_with(const std::string& operation, const std::string& id)
{
    const auto reason = api::why_not_id(id);
    if (!reason) return std::nullopt;
    return api::invalid_call(operation, "cluster id: " + *reason, "give the cluster's id, a UUID");
}

/// Lists the clusters and makes a `T` of them.
template <class T, class Choose>
api::awaitable<result<T>> choose_listed(api::operation& self, call_options options, Choose choose)
{
    auto listed = co_await api::list_clusters(self, options);
    if (!listed) co_return listed.error();
    co_return choose(std::move(*listed));
}

template <class T, class Choose>
void start_listing(const std::shared_ptr<const api::client_state>& from, const call_options& options,
    typename api::user_operation<T>::completion::handler handler, Choose choose)
{
    api::user_operation<T>::start(
        from, std::move(handler), [options, choose = std::move(choose)](api::operation& self) {
            return choose_listed<T>(self, options, choose);
        });
}

}

client client_access::make(
    boost::asio::any_io_executor on, const client_config& config, const net::io_backends& outside)
{
    api::validate(config);
    auto made = std::make_shared<api::client_state>();
    made->api = api::parse_api_url(config.api_url);
    made->clusters = api::clusters_under(made->api.base_path);
    made->windows = config.rate_limit;
    made->user_agent = config.user_agent;
    made->attempts = config.attempts;
    made->label = config.label;
    auto ways = outside;
    std::vector<secret> of_proxy;
    if (auto chosen = api::proxy_of(config.proxy, made->api, &api::process_variable)) {
        of_proxy = std::move(chosen->secrets);
        ways.network = net::proxy_dialer(ways.network, std::move(chosen->through));
    }
    made->transport = net::shared_transport::make(std::move(on), config, made->api, ways);
    for (const auto& each : of_proxy) made->transport->secrets()->learn(made->transport.get(), each.reveal());
    made->token = made->make_token_context(config.token, config.label);
    return client(std::shared_ptr<const api::client_state>(std::move(made)));
}

client::client(boost::asio::any_io_executor executor, client_config config)
    : client(client_access::make(std::move(executor), config, {}))
{}

client::client(boost::asio::any_io_executor executor)
    : client(std::move(executor), client_config())
{}

client client::with(token_source source, std::string label) const
{
    return client(state_->with(std::move(source), std::move(label)));
}

client client::with(const policy& around) const
{
    // One segment is run by the call itself: no coroutine, no further allocation.
    const auto own = impl::adapted(around, *this);
    const auto& segments = impl::policy_access::layers_of(own).segments;
    if (segments.size() == 1) return client(state_->with(segments.front()));
    return with_erased(std::make_shared<impl::erased_policy<policy>>(std::make_tuple(own), *this));
}

client client::with_erased(std::shared_ptr<const impl::client_policy> around) const
{
    return client(state_->with(std::move(around)));
}

const std::string& client::label() const noexcept { return state_->label; }

connection_stats client::connections() const { return state_->transport->pool().stats(); }

void client::start_warm_up(std::size_t count, boost::asio::any_completion_handler<void(std::size_t)> handler) const
{
    net::warm_up(state_->transport, count, std::move(handler));
}

rate_limit_state client::rate_limit() const { return state_->token->gate().state(); }

std::chrono::steady_clock::time_point client::quota_free_at(std::size_t requests) const
{
    return state_->token->gate().estimate(requests);
}

/// The hot path: a valid call with an estimated expiry is one `net::call`, without a coroutine.
void client::start_kubeconfig(std::string id, call_options options, handler_of<doks::kubeconfig> handler) const
{
    const auto& home = state_->transport->home();
    if (auto why = wrong_with("GET kubeconfig", id))
        return api::refuse_call<doks::kubeconfig>(home, *why, std::move(handler));
    const auto reason = api::why_not_options(options.expiry, options.type, options.expiry_is);
    if (options.expiry_is == expiry_precision::exact && !reason)
        return api::user_operation<doks::kubeconfig>::start(
            state_, std::move(handler), [id = std::move(id), options](api::operation& self) {
                return api::fetch_exact_kubeconfig(self, id, options);
            });
    auto spec = api::bounded(
        *state_, api::kubeconfig_request(state_->clusters, std::move(id), options.expiry, options.type), options);
    if (reason)
        return api::refuse_call<doks::kubeconfig>(
            home, api::invalid_call(spec.operation(), *reason, api::remedy_for_options), std::move(handler));
    const auto decode = [expiry = options.expiry](net::request_spec& asked, net::call_response got) {
        return api::kubeconfig_of(asked, std::move(got), expiry);
    };
    api::start_call<doks::kubeconfig>(state_, std::move(spec), decode, std::move(handler));
}

void client::start_clusters(std::string, call_options options, handler_of<std::vector<doks::cluster>> handler) const
{
    start_listing<std::vector<doks::cluster>>(state_, options, std::move(handler), &api::all_of);
}

void client::start_selection(
    cluster_selector wanted, call_options options, handler_of<std::vector<doks::cluster>> handler) const
{
    start_listing<std::vector<doks::cluster>>(state_, options, std::move(handler),
        [wanted = std::move(wanted)](std::vector<doks::cluster> all) { return api::selected(wanted, std::move(all)); });
}

void client::start_find(std::string name, call_options options, handler_of<doks::cluster> handler) const
{
    if (name.empty())
        return api::refuse_call<doks::cluster>(state_->transport->home(),
            api::invalid_call("cluster by its name", "the name is empty", "give the cluster's name"),
            std::move(handler));
    start_listing<doks::cluster>(state_, options, std::move(handler),
        [name = std::move(name)](const std::vector<doks::cluster>& all) { return api::the_one_named(name, all); });
}

void client::start_wait(std::string id, call_options options, handler_of<doks::cluster> handler) const
{
    if (auto why = wrong_with("GET cluster", id))
        return api::refuse_call<doks::cluster>(state_->transport->home(), *why, std::move(handler));
    api::user_operation<doks::cluster>::start(state_, std::move(handler),
        [id = std::move(id), options](api::operation& self) { return api::wait_until_ready(self, id, options); });
}

void client::start_cluster(std::string id, call_options options, handler_of<doks::cluster> handler) const
{
    if (auto why = wrong_with("GET cluster", id))
        return api::refuse_call<doks::cluster>(state_->transport->home(), *why, std::move(handler));
    api::start_call<doks::cluster>(state_,
        api::bounded(*state_, api::cluster_request(state_->clusters, std::move(id)), options), &api::decode_cluster,
        std::move(handler));
}

void client::start_cluster_user(std::string id, call_options options, handler_of<doks::cluster_user> handler) const
{
    if (auto why = wrong_with("GET user", id))
        return api::refuse_call<doks::cluster_user>(state_->transport->home(), *why, std::move(handler));
    api::start_call<doks::cluster_user>(state_,
        api::bounded(*state_, api::cluster_user_request(state_->clusters, std::move(id)), options),
        &api::decode_cluster_user, std::move(handler));
}

void client::start_credentials(std::string id, call_options options, handler_of<doks::credentials> handler) const
{
    auto why = wrong_with("GET credentials", id);
    if (const auto reason = api::why_not_options(options.expiry, credential_type::token); reason && !why)
        why = api::invalid_call("GET credentials", *reason, api::remedy_for_options);
    if (why) return api::refuse_call<doks::credentials>(state_->transport->home(), *why, std::move(handler));
    api::start_call<doks::credentials>(state_,
        api::bounded(*state_, api::credentials_request(state_->clusters, std::move(id), options.expiry), options),
        &api::decode_credentials, std::move(handler));
}

void client::start_drain(
    std::chrono::steady_clock::duration bound, boost::asio::any_completion_handler<void()> handler) const
{
    state_->transport->drain(bound, std::move(handler));
}

bulk client::kubeconfigs(std::vector<std::string> ids, bulk_options options) const
{
    return bulk(api::bulk_state::of(state_, api::bulk_targets(std::move(ids)), std::move(options)));
}

bulk client::kubeconfigs(std::vector<doks::cluster> clusters, bulk_options options) const
{
    return bulk(api::bulk_state::of(state_, api::bulk_targets(std::move(clusters)), std::move(options)));
}

}
