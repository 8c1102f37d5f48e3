#include "sim/simulated.hpp"
#include "support/kubectl.hpp"

#include <doctest/doctest.h>

using namespace sim_test;
using doks::test::contains;
using doks::test::kubectl;
using doks::test::require_kubectl;

namespace {

/** kubectl with a kubeconfig for a user of this role, from a cluster of this form. */
kubectl as(simulated& it, sim::role who, sim::credential_form form = sim::credential_form::token)
{
    std::string token = it.api.add_token({.label = "visitor", .role = who});
    std::string id = it.api.set_cluster({.form = form});
    return kubectl(it.get(it.path_of(id, "kubeconfig"), token).body);
}

/// What every role with rights may do.
void check_reading(const kubectl& call)
{
    CHECK(contains(call("version"), "Server Version"));
    CHECK(contains(call("get namespaces"), "kube-system"));
    CHECK(contains(call("get pods"), "hello-0"));
    CHECK(contains(call("get pods --all-namespaces"), "coredns-0"));
    CHECK(contains(call("auth can-i list pods"), "yes"));
    const auto info = call("cluster-info");
    CHECK(info.status == 0);
    CHECK(contains(info, "/clusters/"));
    CHECK(contains(info, "CoreDNS"));
}

/// What an administrator may do; nothing of it changes the cluster.
void check_everything(const kubectl& call)
{
    check_reading(call);
    CHECK(call("get namespace kube-system -o 'jsonpath={.status.phase}'").output == "Active");
    CHECK(contains(call("get configmap mine"), "NotFound"));
    CHECK(contains(call("auth can-i create configmaps"), "yes"));
    CHECK(contains(call("auth can-i delete configmaps"), "yes"));
    // What the rights allow is refused with another error than what they forbid.
    for (const char* write : {"create configmap mine --from-literal=a=b", "label configmap kube-root-ca.crt x=y",
             "delete configmap kube-root-ca.crt"}) {
        CAPTURE(write);
        const auto refused = call(write);
        CHECK(contains(refused, "can only be read"));
        CHECK_FALSE(contains(refused, "orbidden"));
    }
}

}

TEST_CASE("kubectl works for an owner with a token")
{
    require_kubectl();
    simulated it;
    check_everything(as(it, sim::role::owner));
}

TEST_CASE("kubectl works for an owner with a client certificate")
{
    require_kubectl();
    simulated it;
    check_everything(as(it, sim::role::owner, sim::credential_form::certificate));
}

TEST_CASE("kubectl is refused when a modifier deletes")
{
    require_kubectl();
    simulated it;
    for (auto form : {sim::credential_form::token, sim::credential_form::certificate}) {
        kubectl call = as(it, sim::role::modifier, form);
        check_reading(call);
        CHECK(contains(call("auth can-i create configmaps"), "yes"));
        CHECK(contains(call("create configmap mine --from-literal=a=b"), "can only be read"));
        CHECK(contains(call("delete configmap kube-root-ca.crt"), "Forbidden"));
        CHECK(contains(call("auth can-i delete configmaps"), "no"));
        CHECK(contains(call("get configmap kube-root-ca.crt"), "kube-root-ca.crt"));
    }
}

TEST_CASE("kubectl is refused everything for a custom role")
{
    require_kubectl();
    simulated it;
    kubectl call = as(it, sim::role::custom);
    const auto refused = call("get namespaces");
    CHECK(refused.status == 1);
    CHECK(
        contains(refused, "Error from server (Forbidden): namespaces is forbidden: User \"visitor@doks-sim.example\""));
    CHECK(contains(call("auth can-i get pods"), "no"));
    CHECK(contains(call("create configmap mine --from-literal=a=b"), "forbidden"));
}

TEST_CASE("kubectl is turned away with a credential that was revoked")
{
    require_kubectl();
    simulated it;
    std::string id = it.api.cluster_ids().front();
    kubectl call(it.get(it.kubeconfig()).body);
    CHECK(call("get namespaces").status == 0);
    it.api.revoke_credentials(id);
    CHECK(contains(call("get namespaces"), "logged in"));
}
