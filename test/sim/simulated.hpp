#pragma once

#include "sim/https_client.hpp"

#include <doks/sim/simulator.hpp>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace sim_test {

namespace sim = doks::sim;

/** A simulator without limits; the tests that want them say so. */
inline sim::options unlimited()
{
    sim::options how;
    how.limit.enabled = false;
    return how;
}

/** A simulator and what the tests ask of it again and again. */
struct simulated
{
    explicit simulated(sim::options how = unlimited())
        : api(std::move(how))
    {}

    https_client connect(std::chrono::milliseconds patience = 3s) const
    {
        return https_client(api.url(), api.ca_pem(), patience);
    }
    response get(std::string_view path) const { return get(path, api.token()); }

    response get(std::string_view path, std::string_view token) const
    {
        https_client client(api.url(), api.ca_pem());
        return client.get(path, token);
    }

    std::string path_of(std::string_view id, std::string_view part = "") const
    {
        return "/v2/kubernetes/clusters/" + std::string(id) + (part.empty() ? "" : "/") + std::string(part);
    }

    /** The kubeconfig path of the first cluster. */
    std::string kubeconfig() const { return path_of(api.cluster_ids().front(), "kubeconfig"); }

    mutable sim::simulator api;
};

inline boost::json::object json_in(const response& from) { return boost::json::parse(from.body).as_object(); }

inline std::string text(const boost::json::value& value) { return std::string(value.as_string()); }

/** The value of the first line `key: value` of a YAML text. */
inline std::string yaml_value(std::string_view yaml, std::string_view key)
{
    std::string wanted = std::string(key) + ": ";
    std::size_t at = yaml.find(wanted);
    if (at == yaml.npos) return {};
    std::string_view rest = yaml.substr(at + wanted.size());
    return std::string(rest.substr(0, rest.find('\n')));
}

/** Decodes base64 as kubeconfigs carry it. */
std::string from_base64(std::string_view text);

}
