#pragma once

#include "api/own_request.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace doks::api {

/// What a keeper holds one credential for.
struct credential_key
{
    std::string id;
    std::chrono::seconds expiry{0};
    credential_type type = credential_type::token;
};

/// A kubeconfig, and its time by the boot clock; `never` where it does not expire.
struct credential
{
    kubeconfig config;
    core::instant since{};
    core::instant expires = core::never;
};

/** One kubeconfig on its way: the request, and, where the API has none, the question whether the cluster is there.

    Shape: `land` is called once, on the client's strand, unless the flight is dropped: then nothing follows. A
    credential that has expired when it comes is a failure.
*/
class kubeconfig_flight : public std::enable_shared_from_this<kubeconfig_flight>
{
public:
    struct terms
    {
        net::lane lane = net::lane::single;
        std::optional<std::size_t> leave = 0;
        core::instant by = core::never; ///< it waits for quota until then
        core::duration within{};        ///< its deadline; 0 is the client's own
    };
    using landing = std::function<void(result<credential>)>;

    kubeconfig_flight(std::shared_ptr<const client_state> from, credential_key what);

    void start(const terms& how, landing land, std::function<void()> forsaken);
    void drop();
    /// The context is being destroyed: lets go of whoever is to hear of it.
    void forget() noexcept;
    bool waits_for_quota() const;
    core::phase whereabouts() const;
    net::lane lane() const noexcept { return terms_.lane; }

private:
    void send(net::call_plan plan, own_request::outcome_sink then);
    void answered(net::call_plan asked, result<net::reply> got);
    result<credential> read(net::call_plan& asked, net::reply got) const;
    void end(result<credential> outcome);

    std::shared_ptr<const client_state> client_;
    const credential_key key_;
    terms terms_;
    landing land_;
    std::function<void()> forsaken_;
    std::weak_ptr<net::live_call> under_way_;
};

}
