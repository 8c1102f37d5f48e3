#include "api/client_state.hpp"

#include "api/bodies.hpp"
#include "api/bulk_state.hpp"
#include "api/listing.hpp"
#include "api/policed_call.hpp"
#include "api/proxy_choice.hpp"
#include "api/user_call.hpp"
#include "core/answer_headers.hpp"
#include "kubeconfig/check.hpp"
#include "net/warm_up.hpp"

#include <doks/impl/client_policy.hpp>

#include <algorithm>
#include <utility>

namespace doks::api {

std::shared_ptr<net::account> client_state::account_of(token_source source, std::string name) const
{
    net::account::settings how{transport->user_executor(), transport->strand(), api.text(),
        fixed_header(api, user_agent), windows, std::move(source), std::move(name)};
    return std::make_shared<net::account>(std::move(how), transport->shared_timers());
}

std::shared_ptr<const client_state> client_state::with(token_source source, std::string name) const
{
    auto other = std::make_shared<client_state>(*this);
    other->label = name;
    other->account = account_of(std::move(source), std::move(name));
    return other;
}

std::shared_ptr<const client_state> client_state::with(const impl::policy_segment& around) const
{
    auto other = std::make_shared<client_state>(*this);
    other->own_plan = around;
    other->own_policy = nullptr;
    return other;
}

std::shared_ptr<const client_state> client_state::with(std::shared_ptr<const impl::client_policy> around) const
{
    auto other = std::make_shared<client_state>(*this);
    other->own_plan.reset();
    other->own_policy = std::move(around);
    return other;
}

net::call_plan client_state::bounded(net::call_plan plan, const call_options& options) const
{
    core::retry_rules usual;
    usual.attempts = attempts;
    return bounded(std::move(plan), options, usual);
}

net::call_plan client_state::bounded(
    net::call_plan plan, const call_options& options, const core::retry_rules& otherwise) const
{
    constexpr auto none = (core::duration::max)();
    const auto& limits = transport->timeouts();
    auto& around = plan.around;
    around.retry = otherwise;
    if (own_plan) {
        around = own_plan->plan;
        around.retry.slows_down = otherwise.slows_down;
        plan.budget = own_plan->budget;
    }
    if (own_policy) around.attempt = own_policy->attempt_bound();
    if (around.attempt == none) around.attempt = limits.attempt;
    const bool ends_itself = around.within != none || (own_policy && own_policy->has_deadline());
    if (options.within > core::duration::zero())
        around.within = (std::min)(around.within, options.within);
    else if (!ends_itself)
        around.within = limits.call;
    around.by = options.by;
    return plan;
}

}

namespace doks {

namespace {

template <class T> failure undecodable(const net::call_plan& asked, const call_info& info, api::parsed<T> read)
{
    failure_record record;
    record.operation = asked.operation();
    record.code = read.error;
    record.info = info;
    record.detail = std::move(read.detail);
    api::explain(record, {});
    return failure(std::move(record));
}

/// As a kubeconfig's, an answer for another id than the one asked for is not delivered.
template <class T> api::parsed<T> somebody_elses(const std::string& whose)
{
    api::parsed<T> refused;
    refused.error = errc::wrong_cluster;
    refused.detail = "got an answer for " + api::printable(whose);
    return refused;
}

result<cluster> decode_cluster(const net::call_plan& asked, net::reply got)
{
    auto read = api::read_cluster({got.answer.body.data(), got.answer.body.size()});
    if (!read.error && !core::same_name(read.value.id, asked.request.subject))
        read = somebody_elses<cluster>(read.value.id);
    if (read.error) return undecodable(asked, got.info, std::move(read));
    return std::move(read.value);
}

result<credentials> decode_credentials(const net::call_plan& asked, net::reply got)
{
    auto read = api::read_credentials({got.answer.body.data(), got.answer.body.size()});
    const auto other = kube::names_other_cluster("server: " + read.value.server, asked.request.subject);
    if (!read.error && other) read = somebody_elses<credentials>(*other);
    if (read.error) return undecodable(asked, got.info, std::move(read));
    read.value.info = std::move(got.info);
    return std::move(read.value);
}

std::optional<failure> wrong_with(const std::string& operation, const std::string& id)
{
    const auto reason = api::why_not_id(id);
    if (!reason) return std::nullopt;
    return api::invalid_call(operation, "cluster id: " + *reason, "give the cluster's id, a UUID");
}

}

client client_access::make(boost::asio::any_io_executor on, const client_config& config, const net::doors& outside)
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
    if (auto through = api::proxy_of(config.proxy, made->api, &api::process_variable))
        ways.network = net::proxy_dialer(ways.network, std::move(*through));
    made->transport = net::transport::make(std::move(on), config, made->api, ways);
    made->account = made->account_of(config.token, config.label);
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

rate_limit_state client::rate_limit() const { return state_->account->gate().state(); }

void client::start_kubeconfig(std::string id, call_options options, handler_of<doks::kubeconfig> handler) const
{
    const auto& home = state_->transport->home();
    if (auto why = wrong_with("GET kubeconfig", id))
        return api::refuse_call<doks::kubeconfig>(home, *why, std::move(handler));
    auto plan = state_->bounded(
        api::kubeconfig_request(state_->clusters, std::move(id), options.expiry, options.type), options);
    if (auto reason = api::why_not_options(options.expiry, options.type))
        return api::refuse_call<doks::kubeconfig>(home,
            api::invalid_call(plan.operation(), *reason, "leave the expiry at 0 or give whole seconds above it"),
            std::move(handler));
    const auto decode = [expiry = options.expiry](net::call_plan& asked, net::reply got) {
        return result<doks::kubeconfig>(api::kubeconfig_of(asked, std::move(got), expiry));
    };
    api::start_call<doks::kubeconfig>(state_, std::move(plan), decode, std::move(handler));
}

void client::start_clusters(std::string, call_options options, handler_of<std::vector<doks::cluster>> handler) const
{
    const auto within = state_->bounded(net::call_plan(), options).around.within;
    options.by = (std::min)(options.by, core::later(state_->transport->timers().now(), within));
    api::listing::start(
        state_->transport, state_->account,
        [state = state_, options](
            std::size_t page) { return state->bounded(api::page_request(state->clusters, page), options); },
        std::move(handler));
}

void client::start_cluster(std::string id, call_options options, handler_of<doks::cluster> handler) const
{
    if (auto why = wrong_with("GET cluster", id))
        return api::refuse_call<doks::cluster>(state_->transport->home(), *why, std::move(handler));
    api::start_call<doks::cluster>(state_,
        state_->bounded(api::cluster_request(state_->clusters, std::move(id)), options), &decode_cluster,
        std::move(handler));
}

void client::start_credentials(std::string id, call_options options, handler_of<doks::credentials> handler) const
{
    auto why = wrong_with("GET credentials", id);
    if (const auto reason = api::why_not_options(options.expiry, credential_type::token); reason && !why)
        why = api::invalid_call("GET credentials", *reason, "leave the expiry at 0 or give whole seconds above it");
    if (why) return api::refuse_call<doks::credentials>(state_->transport->home(), *why, std::move(handler));
    api::start_call<doks::credentials>(state_,
        state_->bounded(api::credentials_request(state_->clusters, std::move(id), options.expiry), options),
        &decode_credentials, std::move(handler));
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
