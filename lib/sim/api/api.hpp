#pragma once

#include "sim/account/accounts.hpp"
#include "sim/http/http.hpp"
#include "sim/pki/issuer.hpp"
#include "sim/timeline.hpp"

#include <doks/sim/fault.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace doks::sim {

/** A credential that a response carries; for the journal. */
struct mint_note
{
    std::string cluster;
    std::string_view form;
    instant expires;
};

/** The API's response to one request, and its facts for the journal. */
struct api_result
{
    http_response response;
    std::string request_id;
    std::string token;   ///< Label.
    std::string cluster; ///< In the path.
    bool of_kubeconfig = false;
    bool counted = false;
    bool throttled = false;
    std::optional<mint_note> mint;
};

/** DigitalOcean's Kubernetes API, without a network: requests in, responses out.

    The shared state owns it, and its mutex guards it. It checks the token (401), then the quota (429), then scope and cluster
    (403, 404). So an unknown token uses no quota, and a 403 or 404 does.
*/
class api
{
public:
    /** The origins appear in links and in kubeconfigs. */
    api(accounts& all, issuer& credentials, std::string origin, std::string kube_origin, bool real_kube_names);

    /** Processes a request that arrives now. Only the faults status and wrong_cluster change the response. */
    api_result process(const http_request& request, const fault& fault, instant now);

    /** The response of a CDN in front of the API, which never sees the request: HTML, or none. */
    api_result intercept(const http_request& request, const fault& fault, instant now) const;

private:
    struct call
    {
        const http_request& request;
        const account_state& account;
        const token_spec& owner;
        instant now;
        api_result& result;
    };

    static verdict admit(token_record& token, instant now, api_result& result);
    http_response respond(const call& context, const fault& fault);
    static http_response failed(const call& context, unsigned status, std::string message = {});
    static http_response faulty(const call& context, const fault& fault);
    http_response respond_for_cluster(const call& context, const cluster_record& cluster, std::string_view part);
    http_response list(const call& context) const;
    http_response kubeconfig(const call& context, const cluster_record& cluster);
    http_response credentials(const call& context, const cluster_record& cluster);
    minted_credential mint(
        const call& context, const cluster_record& cluster, std::optional<std::chrono::seconds> lifetime);
    static cluster_record& another_than(cluster_record& cluster, const account_state& account);
    std::string server_of(const cluster_record& cluster) const;
    void label(const http_request& request, api_result& result) const;

    accounts& accounts_;
    issuer& issuer_;
    std::string origin_;
    std::string kube_origin_;
    bool real_kube_names_;
    std::string ca_base64_;
};

}
