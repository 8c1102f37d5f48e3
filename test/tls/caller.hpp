#pragma once

#include <doks/client.hpp>

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

// One client, and calls one after the other, over loopback sockets.

namespace doks::test {

using namespace std::chrono_literals;

inline const std::string canary = "dop_v1_0f5a7e2bc41d4c66b8d31e0a9f7c2d15";
inline const std::string some_id = "11111111-2222-4333-8444-555555555555";

/// A client of its own on a context of its own, and one call after the other.
class caller
{
public:
    explicit caller(const client_config& how)
        : client_(std::in_place, context_.get_executor(), how)
    {}

    result<kubeconfig> call()
    {
        std::optional<result<kubeconfig>> outcome;
        client_->try_kubeconfig(some_id, {}, [&](result<kubeconfig> got) { outcome.emplace(std::move(got)); });
        const auto give_up = std::chrono::steady_clock::now() + 30s;
        while (!outcome) {
            if (std::chrono::steady_clock::now() > give_up) throw std::logic_error("a call does not end");
            context_.restart();
            context_.run_one_for(100ms);
        }
        return std::move(*outcome);
    }
    connection_stats connections() const { return client_->connections(); }
    /// How long it takes until nothing of the client is left.
    std::chrono::steady_clock::duration close()
    {
        const auto begin = std::chrono::steady_clock::now();
        client_.reset();
        context_.restart();
        context_.run_for(10s);
        return std::chrono::steady_clock::now() - begin;
    }
    boost::asio::io_context& context() noexcept { return context_; }
    const doks::client& client() const { return *client_; }

private:
    boost::asio::io_context context_;
    std::optional<doks::client> client_;
};

/// A client for a server of the test's: it trusts these roots and verifies this name; empty: the URL's address.
inline client_config trusting(std::string roots, std::string url, std::string name = "api.test")
{
    client_config made;
    made.api_url = std::move(url);
    made.tls.ca_pem = std::move(roots);
    made.tls.server_name = std::move(name);
    made.token = token(canary);
    made.rate_limit.clear();
    return made;
}

}
