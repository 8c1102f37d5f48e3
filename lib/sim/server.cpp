#include "sim/server.hpp"

#include <boost/asio/post.hpp>

#include <csignal>

namespace doks::sim {

namespace {

std::string origin_of(bool plain, const bound_port& port)
{
    return (plain ? "http://127.0.0.1:" : "https://127.0.0.1:") + std::to_string(port.number());
}

asio::ssl::context context_for(const authority& issuer, instant now, bool ask_for_certificate)
{
    certificate_with_key self = issuer.issue_server(now);
    return make_server_context(self.certificate_pem(), self.key_pem(), ask_for_certificate);
}

/** A thread that no signal of the process is delivered to. */
template <class Body> std::thread start_quiet_thread(Body body)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread started(body);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
}

}

server::server(const options& options)
    : port_(options.port)
    , kube_port_(options.kube_port)
    , origin_(origin_of(options.plain_http, port_))
    , kube_origin_(origin_of(false, kube_port_))
    , authority_("doks simulator API CA", timeline().now())
    , ca_file_(authority_.pem())
    , state_(options, origin_, kube_origin_)
    , tls_(context_for(authority_, state_.clock.now(), false))
    , kube_tls_(context_for(state_.credentials.authority(), state_.clock.now(), true))
    , api_service_(state_)
    , kube_service_(state_)
    , context_(1)
{
    session_rules rules{options.close_idle_after, options.max_requests_per_connection, options.chunked};
    listener_.emplace(context_, port_, options.plain_http ? nullptr : &tls_, api_service_, rules);
    kube_listener_.emplace(context_, kube_port_, &kube_tls_, kube_service_, session_rules{});
    listener_->start();
    kube_listener_->start();
    thread_ = start_quiet_thread([this] { context_.run(); });
}

server::~server()
{
    context_.stop();
    thread_.join();
}

void server::drain()
{
    asio::post(context_, [this] { listener_->drain(); });
}

}
