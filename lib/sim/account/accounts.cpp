#include "sim/account/accounts.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace doks::sim {

namespace {

constexpr std::array<std::string_view, 6> regions{"nyc1", "ams3", "fra1", "sfo3", "sgp1", "lon1"};

void require_valid(const rate_limit& limit)
{
    using namespace std::chrono_literals;
    if (!limit.enabled) return;
    if (limit.per_minute == 0 || limit.per_hour == 0)
        throw std::invalid_argument("rate_limit: a limit of 0 admits nothing");
    if (limit.minute_window <= 0ns || limit.hour_window <= 0ns)
        throw std::invalid_argument("rate_limit: a window must be longer than 0");
}

}

accounts::accounts(const options& options, instant now)
    : limit_(options.limit)
{
    require_valid(limit_);
    account_spec first;
    first.clusters = options.clusters;
    first.tokens = options.tokens;
    if (first.tokens.empty()) first.tokens.emplace_back();
    add_account(std::move(first), now);
    for (const account_spec& each : options.more_accounts) {
        require_plain("account_spec.name", each.name);
        add_account(each, now);
    }
}

void accounts::add_account(account_spec spec, instant now)
{
    for (const auto& each : accounts_)
        if (each->name() == spec.name)
            throw std::invalid_argument("account_spec.name: there are two accounts '" + spec.name + "'");
    const std::string& name = accounts_.emplace_back(std::make_unique<account_state>(spec.name))->name();
    for (std::size_t i = 0; i < spec.clusters; ++i) {
        cluster_spec cluster;
        cluster.region = regions[i % regions.size()];
        set_cluster(std::move(cluster), name, now);
    }
    if (spec.tokens.empty()) spec.tokens.emplace_back().label = name;
    for (token_spec& each : spec.tokens) add_token(std::move(each), name);
}

account_state& accounts::account(std::string_view name) const
{
    for (const auto& each : accounts_)
        if (each->name() == name) return *each;
    throw std::out_of_range("the simulator has no account '" + std::string(name) + "'");
}

account_state* accounts::find_account_of_token(std::string_view value) const
{
    for (const auto& each : accounts_)
        if (each->find_token(value)) return each.get();
    return nullptr;
}

token_record* accounts::find_token(std::string_view value) const
{
    account_state* owner = find_account_of_token(value);
    return owner ? owner->find_token(value) : nullptr;
}

token_record* accounts::find_label(std::string_view label) const
{
    for (const auto& each : accounts_)
        if (token_record* found = each->find_label(label)) return found;
    return nullptr;
}

cluster_record* accounts::find_cluster(std::string_view id) const
{
    for (const auto& each : accounts_)
        if (cluster_record* found = each->find_cluster(id)) return found;
    return nullptr;
}

std::string accounts::set_cluster(cluster_spec spec, std::string_view account_name, instant now)
{
    account_state& owner = account(account_name);
    if (find_cluster(spec.id) && !owner.find_cluster(spec.id))
        throw std::invalid_argument("cluster_spec.id: '" + spec.id + "' belongs to another account");
    return owner.set_cluster(std::move(spec), now);
}

void accounts::remove_cluster(std::string_view id)
{
    for (const auto& each : accounts_) each->remove_cluster(id);
}

std::string accounts::add_token(token_spec spec, std::string_view account_name)
{
    account_state& owner = account(account_name);
    if (find_label(spec.label) && !owner.find_label(spec.label))
        throw std::invalid_argument("token_spec.label: another account has the label '" + spec.label + "'");
    return owner.add_token(std::move(spec), limit_);
}

void accounts::revoke_token(std::string_view value)
{
    for (const auto& each : accounts_) each->revoke_token(value);
}

void accounts::set_rate_limit(rate_limit limit)
{
    require_valid(limit);
    limit_ = limit;
    for (const auto& each : accounts_) each->set_rate_limit(limit);
}

}
