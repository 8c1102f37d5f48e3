#include "simulated.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

using namespace sim_test;

namespace {

/** A directory of its own, which is kubectl's home too, so that no configuration or cache of the user is touched. */
class scratch_directory
{
public:
    scratch_directory()
    {
        std::string pattern = std::filesystem::temp_directory_path() / "doks-sim-kubectl-XXXXXX";
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory");
        path_ = pattern;
    }
    ~scratch_directory() { std::filesystem::remove_all(path_); }

    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

struct outcome
{
    int status = -1;
    std::string output; ///< Both streams.
};

std::string kubectl_program()
{
    const char* named = std::getenv("KUBECTL");
    return named && *named ? named : "kubectl";
}

outcome run(const std::string& command)
{
    outcome result;
    FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (!pipe) return result;
    std::array<char, 4096> chunk;
    while (std::size_t size = std::fread(chunk.data(), 1, chunk.size(), pipe)) result.output.append(chunk.data(), size);
    int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return result;
}

/** kubectl with one kubeconfig. */
class kubectl
{
public:
    explicit kubectl(const std::string& config)
    {
        std::ofstream(home_.path() / "config") << config;
        std::filesystem::permissions(home_.path() / "config", std::filesystem::perms(0600));
    }

    outcome operator()(const std::string& arguments) const
    {
        std::string home = home_.path();
        return run("HOME='" + home + "' KUBECONFIG='" + home + "/config' '" + kubectl_program() + "' " + arguments);
    }

private:
    scratch_directory home_;
};

bool contains(const outcome& what, std::string_view part) { return what.output.find(part) != what.output.npos; }

void require_kubectl()
{
    outcome version = run("'" + kubectl_program() + "' version --client");
    bool found = version.status == 0;
    REQUIRE_MESSAGE(
        found, "no kubectl: '", kubectl_program(), "' does not run; install kubernetes-client or set KUBECTL");
    std::string line = version.output.substr(0, version.output.find('\n'));
    MESSAGE(line);
}

/** kubectl with a kubeconfig for a user of this role, from a cluster of this form. */
kubectl as(simulated& it, sim::role who, sim::credential_form form = sim::credential_form::token)
{
    std::string token = it.api.add_token({.label = "visitor", .role = who});
    std::string id = it.api.set_cluster({.form = form});
    return kubectl(it.get(it.path_of(id, "kubeconfig"), token).body);
}

void check_reading(const kubectl& call)
{
    CHECK(contains(call("version"), "Server Version"));
    CHECK(contains(call("get namespaces"), "kube-system"));
    CHECK(contains(call("get pods"), "hello-0"));
    CHECK(contains(call("get pods --all-namespaces"), "coredns-0"));
    CHECK(contains(call("auth can-i list pods"), "yes"));
    outcome info = call("cluster-info");
    CHECK(info.status == 0);
    CHECK(contains(info, "/clusters/"));
    CHECK(contains(info, "CoreDNS"));
}

void check_everything(const kubectl& call)
{
    check_reading(call);
    CHECK(contains(call("create configmap mine --from-literal=a=b"), "configmap/mine created"));
    CHECK(call("get configmap mine -o 'jsonpath={.data.a}'").output == "b");
    CHECK(contains(call("label configmap mine x=y"), "labeled"));
    CHECK(contains(call("delete configmap mine"), "configmap \"mine\" deleted"));
    CHECK(contains(call("get configmap mine"), "NotFound"));
    CHECK(contains(call("auth can-i delete configmaps"), "yes"));
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
        CHECK(contains(call("create configmap mine --from-literal=a=b"), "created"));
        CHECK(contains(call("delete configmap mine"), "Forbidden"));
        CHECK(contains(call("auth can-i delete configmaps"), "no"));
        CHECK(contains(call("get configmap mine"), "mine"));
    }
}

TEST_CASE("kubectl is refused everything for a custom role")
{
    require_kubectl();
    simulated it;
    kubectl call = as(it, sim::role::custom);
    outcome refused = call("get namespaces");
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
