#include "api/exact_kubeconfig.hpp"

#include "api/decoding.hpp"
#include "kubeconfig/read/rendering.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

void exact_kubeconfig::start(
    const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who)
{
    errand_for::start(std::make_shared<exact_kubeconfig>(from, std::move(id), options, std::move(who)));
}

exact_kubeconfig::exact_kubeconfig(
    const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who)
    : errand_for(from, std::move(who))
    , id_(std::move(id))
    , options_(options)
{}

/// One deadline for both requests.
void exact_kubeconfig::begin()
{
    const auto within = client().bounded(net::call_plan(), options_).around.within;
    options_.by = (std::min)(options_.by, core::later(now(), within));
    auto plan = client().bounded(cluster_request(client().clusters, id_), options_);
    ask(plan, [this, plan](result<net::reply> got) { named(plan, std::move(got)); });
}

void exact_kubeconfig::named(const net::call_plan& asked, result<net::reply> got)
{
    if (!got) return fail(got.error());
    auto found = decode_cluster(asked, std::move(*got));
    if (!found) return fail(found.error());
    cluster_ = std::move(*found);
    auto plan = client().bounded(credentials_request(client().clusters, id_, options_.expiry), options_);
    ask(plan, [this, plan](result<net::reply> answer) { minted(plan, std::move(answer)); });
}

void exact_kubeconfig::minted(const net::call_plan& asked, result<net::reply> got)
{
    if (!got) return fail(got.error());
    kubeconfig_metadata from;
    from.cluster_id = std::move(id_);
    from.requested_at = got->requested_at;
    from.expiry = options_.expiry;
    from.expires_exactly = true;
    from.info = got->info;
    const auto secrets = got->secrets;
    const auto held = decode_credentials(asked, std::move(*got));
    if (!held) return fail(held.error());
    from.expires_at = held->expires_at;
    auto text = kube::render_text(*held, cluster_);
    if (!text)
        return fail(unusable(asked, from.info, *secrets, errc::not_a_kubeconfig, std::move(text.error().reason)));
    finish(kubeconfig(std::move(*text), std::move(from)));
}

}
