#pragma once

#include "sim/api/api_service.hpp"
#include "sim/http/listener.hpp"
#include "sim/kube/kube_service.hpp"
#include "sim/temporary_file.hpp"

#include <doks/sim/options.hpp>

#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>
#include <thread>

namespace doks::sim {

/** Two ports, their sessions, and the one thread that runs them.

    A simulator owns it. The ports are bound before the thread starts, for the certificates and kubeconfigs name them. Members
    are destroyed from the last one on: first the thread ends, then the sessions, then the state that they used.
*/
class server
{
public:
    explicit server(const options& options);
    ~server();

    server(const server&) = delete;
    server& operator=(const server&) = delete;

    const std::string& origin() const { return origin_; }
    const std::string& kube_origin() const { return kube_origin_; }
    const std::string& ca_pem() const { return authority_.pem(); }
    const std::string& ca_file() const { return ca_file_.path(); }
    shared_state& state() { return state_; }

    /** Closes idle connections of the API soon, from the sessions' thread. */
    void drain();

private:
    bound_port port_;
    bound_port kube_port_;
    std::string origin_;
    std::string kube_origin_;
    authority authority_;
    temporary_file ca_file_;
    shared_state state_;
    asio::ssl::context tls_;
    asio::ssl::context kube_tls_;
    api_service api_service_;
    kube_service kube_service_;
    // Destroyed before all that its handlers use.
    asio::io_context context_;
    std::optional<listener> listener_;
    std::optional<listener> kube_listener_;
    std::thread thread_;
};

}
