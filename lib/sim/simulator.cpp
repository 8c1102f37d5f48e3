#include <doks/sim/simulator.hpp>

#include "sim/server.hpp"

#include <stdexcept>
#include <utility>

namespace doks::sim {

namespace {

cluster_record& require_cluster(const accounts& all, std::string_view id)
{
    if (cluster_record* found = all.find_cluster(id)) return *found;
    throw std::out_of_range("the simulator has no cluster '" + std::string(id) + "'");
}

}

class simulator::implementation
{
public:
    explicit implementation(const options& options)
        : server_(options)
    {}

    server& machine() { return server_; }

    /** Runs `work` on the state, with its mutex held. */
    template <class Work> auto locked(Work work)
    {
        std::lock_guard lock(server_.state().mutex);
        return work(server_.state());
    }

private:
    server server_;
};

simulator::simulator(options options)
    : implementation_(std::make_unique<implementation>(options))
{}

simulator::~simulator() = default;

std::string simulator::url() const { return implementation_->machine().origin(); }

std::string simulator::kube_url() const { return implementation_->machine().kube_origin(); }

std::string simulator::ca_pem() const { return implementation_->machine().ca_pem(); }

std::string simulator::ca_file() const { return implementation_->machine().ca_file(); }

std::string simulator::token() const
{
    return implementation_->locked([](shared_state& state) { return state.accounts.account("").first_token(); });
}

std::string simulator::token(std::string_view label) const
{
    return implementation_->locked([&](shared_state& state) {
        token_record* found = state.accounts.find_label(label);
        if (!found) throw std::out_of_range("the simulator has no token with the label '" + std::string(label) + "'");
        return found->spec.value;
    });
}

std::string simulator::add_token(token_spec spec, std::string_view account)
{
    return implementation_->locked(
        [&](shared_state& state) { return state.accounts.add_token(std::move(spec), account); });
}

void simulator::revoke_token(std::string_view value)
{
    implementation_->locked([&](shared_state& state) { state.accounts.revoke_token(value); });
}

std::vector<std::string> simulator::cluster_ids(std::string_view account) const
{
    return implementation_->locked([&](shared_state& state) {
        std::vector<std::string> ids;
        for (const auto& each : state.accounts.account(account).clusters()) ids.push_back(each->spec.id);
        return ids;
    });
}

cluster_spec simulator::cluster(std::string_view id) const
{
    return implementation_->locked([&](shared_state& state) { return require_cluster(state.accounts, id).spec; });
}

std::string simulator::set_cluster(cluster_spec spec, std::string_view account)
{
    return implementation_->locked(
        [&](shared_state& state) { return state.accounts.set_cluster(std::move(spec), account, state.clock.now()); });
}

void simulator::remove_cluster(std::string_view id)
{
    implementation_->locked([&](shared_state& state) { state.accounts.remove_cluster(id); });
}

void simulator::revoke_credentials(std::string_view cluster_id)
{
    implementation_->locked([&](shared_state& state) { ++require_cluster(state.accounts, cluster_id).revocations; });
}

std::string simulator::cluster_of(std::string_view bearer_token) const
{
    return implementation_->locked([&](shared_state& state) {
        const identity* identity = state.credentials.identity_of_token(bearer_token, state.accounts, state.clock.now());
        return identity ? identity->cluster : std::string();
    });
}

void simulator::script(fault fault, std::string path_prefix, std::size_t times)
{
    implementation_->locked(
        [&](shared_state& state) { state.plan.script(std::move(fault), std::move(path_prefix), times); });
}

void simulator::set_faults(std::vector<fault> faults)
{
    implementation_->locked([&](shared_state& state) { state.plan.set_faults(std::move(faults)); });
}

void simulator::set_rate_limit(rate_limit limit)
{
    implementation_->locked([&](shared_state& state) { state.accounts.set_rate_limit(limit); });
}

void simulator::set_latency(latency value)
{
    implementation_->locked([&](shared_state& state) { state.plan.set_latency(value); });
}

journal_counts simulator::counts() const
{
    return implementation_->locked([](shared_state& state) { return state.log.counts(); });
}

std::vector<journal_entry> simulator::journal() const
{
    return implementation_->locked([](shared_state& state) { return state.log.entries(); });
}

bool simulator::wait_for_requests(std::size_t count, std::chrono::nanoseconds at_most) const
{
    shared_state& state = implementation_->machine().state();
    std::unique_lock lock(state.mutex);
    auto until = std::chrono::steady_clock::now() + at_most;
    return state.received.wait_until(lock, until, [&] { return state.log.counts().requests >= count; });
}

void simulator::close_idle_connections() { implementation_->machine().drain(); }

}
