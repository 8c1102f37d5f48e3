#pragma once

#include "api/client_state.hpp"
#include "support/certificates/test_authority.hpp"
#include "support/manual_clock.hpp"
#include "support/scripted_network.hpp"

#include <doks/client.hpp>

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace doks::test {

/** Clients with real OpenSSL on both ends, a scripted server and a clock that jumps from event to event. */
class virtual_world
{
public:
    explicit virtual_world(scripted_network::script meets)
        : authority("api.test")
        , time(std::make_shared<manual_clock>())
        , network(std::make_shared<scripted_network>(time, authority.context(), std::move(meets)))
    {}

    ~virtual_world()
    {
        time->stop();
        network->stop();
    }
    virtual_world(const virtual_world&) = delete;
    virtual_world& operator=(const virtual_world&) = delete;

    /// What a client needs to reach the scripted server; change it before `client`.
    client_config config() const
    {
        client_config made;
        made.api_url = "https://api.test";
        made.tls.ca_file = authority.ca_file();
        made.token = token("a-token-of-the-test");
        return made;
    }
    doks::client client(const client_config& how)
    {
        return client_access::make(context.get_executor(), how, net::io_backends{time, network});
    }

    /// Runs until nothing is left to do, or `until` holds.
    void run(const std::function<bool()>& until = [] { return false; })
    {
        while (!until()) {
            context.restart();
            if (context.poll() == 0 && !time->advance()) return;
        }
    }
    /// Runs until a time has come.
    void run_for(core::duration how_long)
    {
        const auto end = time->steady_now() + how_long;
        time->at(end, [] {});
        run([&] { return time->steady_now() >= end; });
    }

    test_authority authority;
    std::shared_ptr<manual_clock> time;
    std::shared_ptr<scripted_network> network;
    boost::asio::io_context context;
};

/// An HTTP answer with a length, and more header lines (each with its line break) where given.
inline std::string http_answer(unsigned status, const std::string& body, const std::string& more = {})
{
    return "HTTP/1.1 " + std::to_string(status) + " Whatever\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n" + more + "\r\n" + body;
}

/// The id in a kubeconfig request's target.
inline std::string id_in(const std::string& target)
{
    const auto from = target.find("/clusters/") + 10;
    return target.substr(from, target.find_first_of("/?", from) - from);
}

inline const std::string an_id = "11111111-2222-4333-8444-555555555555";

/// A token kubeconfig in the API's form.
inline std::string kubeconfig_text(const std::string& id, const std::string& bearer = "minted")
{
    return "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: "
           "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tClkyRT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=\n    server: https://" +
           id +
           ".k8s.ondigitalocean.com\n  name: do-nyc1-x\ncontexts:\n- context:\n    cluster: do-nyc1-x\n    user: "
           "do-nyc1-x-admin\n  name: do-nyc1-x\ncurrent-context: do-nyc1-x\nkind: Config\npreferences: {}\nusers:\n- "
           "name: "
           "do-nyc1-x-admin\n  user:\n    token: " +
           bearer + "\n";
}

/// Meets every request with its own kubeconfig.
inline scripted_answer own_kubeconfig(const seen_request& seen)
{
    return {http_answer(200, kubeconfig_text(id_in(seen.target())))};
}

/// Never answers, whatever it is asked.
inline constexpr auto silence = [](const auto&) {
    scripted_answer none;
    none.silent = true;
    return none;
};

}
