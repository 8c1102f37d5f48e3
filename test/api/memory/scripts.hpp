#pragma once

#include "support/virtual_world.hpp"

#include <string>

namespace doks::test {

inline std::string cluster_json(const std::string& id, const std::string& name, const std::string& state)
{
    return R"({"id":")" + id + R"(","name":")" + name + R"(","region":"nyc1","status":{"state":")" + state + R"("}})";
}

/// Two pages of a list of two clusters.
inline scripted_answer two_pages(const seen_request& seen)
{
    const bool second = seen.target().find("&page=2") != std::string::npos;
    const std::string links =
        second ? "{}" : R"({"pages":{"next":"https://api.test/v2/kubernetes/clusters?page=2&per_page=200"}})";
    const auto one = second ? cluster_json("11111111-2222-4333-8444-555555555502", "second", "running")
                            : cluster_json("11111111-2222-4333-8444-555555555501", "first", "running");
    return {
        http_answer(200, R"({"kubernetes_clusters":[)" + one + R"(],"links":)" + links + R"(,"meta":{"total":2}})")};
}

/// A cluster that is ready at the second look, and its credentials.
class young_cluster
{
public:
    scripted_answer operator()(const seen_request& seen)
    {
        const auto id = id_in(seen.target());
        if (seen.target().find("/credentials") != std::string::npos)
            return {http_answer(200, R"({"server":"https://)" + id +
                                         R"(.k8s.ondigitalocean.com","certificate_authority_data":"","token":"t",)"
                                         R"("expires_at":"2033-11-25T00:00:00Z"})")};
        const std::string state = looks_++ == 0 ? "provisioning" : "running";
        return {http_answer(200, R"({"kubernetes_cluster":)" + cluster_json(id, "young", state) + "}")};
    }

private:
    unsigned looks_ = 0;
};

}
