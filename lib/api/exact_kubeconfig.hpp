#pragma once

#include "api/errand.hpp"

#include <doks/cluster.hpp>
#include <doks/kubeconfig.hpp>

namespace doks::api {

/** A kubeconfig whose expiry is exact: rendered from the cluster, for its names, and its credentials.

    The cluster is asked for first, so that where it cannot be had nothing is minted.
*/
class exact_kubeconfig final : public errand_for<kubeconfig>
{
public:
    static void start(
        const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who);

    exact_kubeconfig(
        const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who);

private:
    void begin() override;
    void resume() override {}

    void named(const net::call_plan& asked, result<net::reply> got);
    void minted(const net::call_plan& asked, result<net::reply> got);

    std::string id_;
    call_options options_;
    cluster cluster_;
};

}
