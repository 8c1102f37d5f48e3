#include "api/exact_kubeconfig.hpp"

#include "api/decode/decoding.hpp"
#include "kubeconfig/read/rendering.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

result<kubeconfig> rendered(
    const net::request_spec& request, net::call_response got, const cluster& of, std::chrono::seconds expiry)
{
    kubeconfig_metadata from;
    from.cluster_id = request.request.subject;
    from.requested_at = got.requested_at;
    from.expiry = expiry;
    from.expires_exactly = true;
    from.info = got.info;
    const auto secrets = got.secrets;
    const auto minted = decode_credentials(request, std::move(got));
    if (!minted) return minted.error();
    from.expires_at = minted->expires_at;
    auto text = kube::render_text(*minted, of);
    if (!text) return unusable(request, from.info, *secrets, errc::not_a_kubeconfig, std::move(text.error().reason));
    return kubeconfig(std::move(*text), std::move(from));
}

}

awaitable<result<kubeconfig>> fetch_exact_kubeconfig(operation& self, std::string id, call_options options)
{
    options.deadline = (std::min)(options.deadline, core::later(self.now(), total_timeout(self.client(), options)));

    const auto about_cluster = cluster_request(self.client().clusters, id);
    auto got = co_await self.send(about_cluster, options);
    if (!got) co_return got.error();
    const auto found = decode_cluster(about_cluster, std::move(*got));
    if (!found) co_return found.error();

    const auto request = credentials_request(self.client().clusters, id, options.expiry);
    auto minted = co_await self.send(request, options);
    if (!minted) co_return minted.error();
    co_return rendered(request, std::move(*minted), *found, options.expiry);
}

}
