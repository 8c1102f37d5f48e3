#pragma once

#include "sim/accounts.hpp"
#include "sim/http.hpp"
#include "sim/issuer.hpp"
#include "sim/timeline.hpp"

#include <doks/sim/fault.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace doks::sim {

/** A credential that an answer carries; for the journal. */
struct mint_note
{
    std::string cluster;
    std::string_view form;
    instant expires;
};

/** The API's answer to one request, and what the journal says of it. */
struct judgement
{
    reply answer;
    std::string request_id;
    std::string token;   ///< Label.
    std::string cluster; ///< In the path.
    bool of_kubeconfig = false;
    bool counted = false;
    bool throttled = false;
    std::optional<mint_note> mint;
};

/** DigitalOcean's Kubernetes API, without a network: requests in, answers out. */
class api
{
public:
    /** The origins are those that stand in links and in kubeconfigs. */
    api(accounts& all, issuer& credentials, std::string origin, std::string kube_origin, bool real_kube_names);

    /** Judges a request that arrives now; only the faults status and wrong_cluster change what the API says. */
    judgement judge(const request& what, const fault& met, instant now);

    /** What something in front of the API answers, which has no part in it: HTML, or nothing. */
    judgement intercept(const request& what, const fault& met, instant now) const;

private:
    struct call
    {
        const request& what;
        const account_state& account;
        const token_spec& owner;
        instant now;
        judgement& result;
    };

    static verdict admit(token_record& token, instant now, judgement& result);
    reply answer(const call& context, const fault& met);
    static reply failed(const call& context, unsigned status, std::string message = {});
    static reply faulty(const call& context, const fault& met);
    reply answer_cluster(const call& context, const cluster_record& cluster, std::string_view part);
    reply list(const call& context) const;
    reply kubeconfig(const call& context, const cluster_record& cluster);
    reply credentials(const call& context, const cluster_record& cluster);
    minted_credential mint(
        const call& context, const cluster_record& cluster, std::optional<std::chrono::seconds> lifetime);
    static cluster_record& another_than(cluster_record& cluster, const account_state& account);
    std::string server_of(const cluster_record& cluster) const;
    void label(const request& what, judgement& result) const;

    accounts& accounts_;
    issuer& issuer_;
    std::string origin_;
    std::string kube_origin_;
    bool real_kube_names_;
    std::string ca_base64_;
};

}
