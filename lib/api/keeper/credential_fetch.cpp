#include "api/keeper/credential_fetch.hpp"

#include "api/requests.hpp"

#include <doks/absence.hpp>

#include <utility>

namespace doks::api {

namespace {

failure expired_on_arrival(const std::string& id, const call_info& info)
{
    failure_record record;
    record.operation = "GET kubeconfig of cluster " + id;
    record.code = errc::unexpected_response;
    record.info = info;
    record.detail = "its credential has expired already";
    record.remedy = "check this machine's clock, and the cluster's certificates";
    return failure(std::move(record));
}

/// Of two responses that differ on whether the API knows the cluster, the one about the cluster itself counts.
failure without_kubeconfig(const failure& missing, const result<net::call_response>& found)
{
    if (found) return not_ready(missing);
    const bool agree = is_absent(found.error()) == is_absent(missing);
    return agree ? missing : found.error();
}

/// A token's time counts from its request by the boot clock; a certificate's from the server's date, where there is one.
result<credential> read_credential(
    const operation& self, net::request_spec& request, net::call_response got, const credential_key& key)
{
    const auto& time = self.client().transport->timers().time();
    const auto requested_at = got.requested_at;
    const auto server_now = got.response.hints.date.value_or(time.wall_now());
    credential made;
    made.since = got.requested_boot;
    auto config = kubeconfig_of(request, std::move(got), key.expiry);
    if (!config) return config.error();
    made.config = std::move(*config);
    try {
        const auto expires = made.config.expires_at();
        if (!expires) return made;
        made.expires = made.config.expires_exactly() ? time.boot_now() + (*expires - server_now)
                                                     : made.since + (*expires - requested_at);
    } catch (const failure& unreadable) {
        return unreadable;
    }
    if (made.expires <= time.boot_now()) return expired_on_arrival(key.id, made.config.info());
    return made;
}

}

awaitable<result<credential>> fetch_credential(
    operation& self, credential_key key, call_options options, request_terms terms)
{
    auto request = kubeconfig_request(self.client().clusters, key.id, key.expiry, key.type);
    auto got = co_await self.send(request, options, terms);
    if (got) co_return read_credential(self, request, std::move(*got), key);
    if (got.error() != condition::not_found) co_return got.error();
    const auto missing = got.error();
    const auto found = co_await self.send(cluster_request(self.client().clusters, key.id), options, terms);
    co_return with_total(without_kubeconfig(missing, found), found ? found->info : found.error().info());
}

}
