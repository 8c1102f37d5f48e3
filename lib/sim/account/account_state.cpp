#include "sim/account/account_state.hpp"

#include "sim/random.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace doks::sim {

namespace {

bool is_plain(std::string_view text)
{
    auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

}

void require_plain(const char* field, std::string_view value)
{
    if (is_plain(value)) return;
    throw std::invalid_argument(
        std::string(field) + " is '" + std::string(value) + "'; it takes letters, digits, '-', '.' and '_'");
}

cluster_record* account_state::find_cluster(std::string_view id) const
{
    auto found = clusters_by_id_.find(id);
    return found == clusters_by_id_.end() ? nullptr : found->second.get();
}

void account_state::complete(cluster_spec& spec)
{
    bool old = spec.form == credential_form::certificate;
    if (spec.id.empty()) spec.id = random_uuid();
    if (spec.name.empty()) spec.name = "cluster-" + std::to_string(++names_given_);
    if (spec.version.empty()) spec.version = old ? "1.12.10-do.2" : "1.32.4-do.0";
    require_plain("cluster_spec.id", spec.id);
    require_plain("cluster_spec.name", spec.name);
    require_plain("cluster_spec.region", spec.region);
}

std::string account_state::set_cluster(cluster_spec spec, instant now)
{
    complete(spec);
    std::string id = spec.id;
    auto& record = clusters_by_id_[id];
    if (!record) {
        record = std::make_shared<cluster_record>();
        record->created = now;
        clusters_.push_back(record);
    }
    record->spec = std::move(spec);
    record->updated = now;
    return id;
}

void account_state::remove_cluster(std::string_view id)
{
    auto found = clusters_by_id_.find(id);
    if (found == clusters_by_id_.end()) return;
    std::erase(clusters_, found->second);
    clusters_by_id_.erase(found);
}

token_record* account_state::find_token(std::string_view value)
{
    auto found = tokens_.find(value);
    return found == tokens_.end() ? nullptr : &found->second;
}

token_record* account_state::find_label(std::string_view label)
{
    for (auto& [value, record] : tokens_)
        if (record.spec.label == label) return &record;
    return nullptr;
}

std::string account_state::add_token(token_spec spec, const rate_limit& limit)
{
    if (spec.value.empty()) spec.value = "dop_v1_" + random_hex(32);
    if (token_record* same = find_label(spec.label)) tokens_.erase(std::string(same->spec.value));
    std::string value = spec.value;
    tokens_.insert_or_assign(value, token_record{std::move(spec), limiter(limit)});
    if (first_token_.empty()) first_token_ = value;
    return value;
}

void account_state::revoke_token(std::string_view value)
{
    auto found = tokens_.find(value);
    if (found != tokens_.end()) tokens_.erase(found);
}

void account_state::set_rate_limit(const rate_limit& limit)
{
    for (auto& [value, record] : tokens_) record.quota = limiter(limit);
}

}
