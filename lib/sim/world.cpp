#include "sim/world.hpp"

#include "sim/random.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace doks::sim {

namespace {

constexpr std::array<std::string_view, 6> regions{"nyc1", "ams3", "fra1", "sfo3", "sgp1", "lon1"};

bool is_plain(std::string_view text)
{
    auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

void require_plain(const char* field, std::string_view value)
{
    if (is_plain(value)) return;
    throw std::invalid_argument(std::string("cluster_spec.") + field + " is '" + std::string(value) +
                                "'; it takes letters, digits, '-', '.' and '_'");
}

}

void require_valid(const rate_limit& limit)
{
    using namespace std::chrono_literals;
    if (!limit.enabled) return;
    if (limit.per_minute == 0 || limit.per_hour == 0)
        throw std::invalid_argument("rate_limit: a limit of 0 admits nothing");
    if (limit.minute_window <= 0ns || limit.hour_window <= 0ns)
        throw std::invalid_argument("rate_limit: a window must be longer than 0");
}

world::world(const options& how, instant now)
    : limit_(how.limit)
{
    require_valid(limit_);
    for (std::size_t i = 0; i < how.clusters; ++i) {
        cluster_spec spec;
        spec.region = regions[i % regions.size()];
        set_cluster(std::move(spec), now);
    }
    for (const token_spec& spec : how.tokens) add_token(spec);
    if (how.tokens.empty()) add_token({});
}

cluster_record* world::find_cluster(std::string_view id) const
{
    auto found = clusters_by_id_.find(id);
    return found == clusters_by_id_.end() ? nullptr : found->second.get();
}

void world::complete(cluster_spec& spec)
{
    bool old = spec.form == credential_form::certificate;
    if (spec.id.empty()) spec.id = random_uuid();
    if (spec.name.empty()) spec.name = "cluster-" + std::to_string(++names_given_);
    if (spec.version.empty()) spec.version = old ? "1.12.10-do.2" : "1.32.4-do.0";
    require_plain("id", spec.id);
    require_plain("name", spec.name);
    require_plain("region", spec.region);
}

std::string world::set_cluster(cluster_spec spec, instant now)
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

void world::remove_cluster(std::string_view id)
{
    auto found = clusters_by_id_.find(id);
    if (found == clusters_by_id_.end()) return;
    std::erase(clusters_, found->second);
    clusters_by_id_.erase(found);
}

token_record* world::find_token(std::string_view value)
{
    auto found = tokens_.find(value);
    return found == tokens_.end() ? nullptr : &found->second;
}

token_record* world::find_label(std::string_view label)
{
    for (auto& [value, record] : tokens_)
        if (record.spec.label == label) return &record;
    return nullptr;
}

std::string world::add_token(token_spec spec)
{
    if (spec.value.empty()) spec.value = "dop_v1_" + random_hex(32);
    if (token_record* same = find_label(spec.label)) tokens_.erase(std::string(same->spec.value));
    std::string value = spec.value;
    tokens_.insert_or_assign(value, token_record{std::move(spec), limiter(limit_)});
    if (first_token_.empty()) first_token_ = value;
    return value;
}

void world::revoke_token(std::string_view value)
{
    auto found = tokens_.find(value);
    if (found != tokens_.end()) tokens_.erase(found);
}

void world::set_rate_limit(rate_limit limit)
{
    require_valid(limit);
    limit_ = limit;
    for (auto& [value, record] : tokens_) record.quota = limiter(limit_);
}

}
