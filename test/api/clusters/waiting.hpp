#pragma once

#include "support/virtual_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

// A cluster whose state changes with virtual time, and calls that wait until it is ready.

namespace doks::test {

using namespace std::chrono_literals;

inline const std::string new_id = "11111111-2222-4333-8444-555555555555";

inline scripted_answer cluster_in(const std::string& state, const std::string& message = {})
{
    return {http_answer(200, R"({"kubernetes_cluster":{"id":")" + new_id + R"(","name":"new","status":{"state":")" +
                                 state + R"(","message":")" + message + R"("}}})")};
}

inline scripted_answer no_cluster() { return {http_answer(404, R"({"id":"not_found","message":"No such thing."})")}; }

/** A cluster whose state is a function of the time since the start, in virtual time, and calls that wait for it. */
struct new_cluster
{
    using story = std::function<scripted_answer(core::duration since)>;

    explicit new_cluster(story tells)
        : world([this, tells = std::move(tells)](const seen_request&) {
            looks.push_back(since());
            return tells(since());
        })
        , began(world.time->steady_now())
    {}

    core::duration since() const { return world.time->steady_now() - began; }

    /// Begins a wait by a client with this configuration.
    void wait(const client_config& how, call_options options = {})
    {
        waiting.emplace(world.client(how));
        wait_with(*waiting, options);
    }
    void wait_with(const client& by, call_options options = {})
    {
        by.wait_ready(new_id, options,
            boost::asio::bind_cancellation_slot(signal.slot(), [this](std::exception_ptr why, const cluster& got) {
                ++completions;
                ended = since();
                thrown = why;
                seen = got;
            }));
    }
    /// Runs to the end of the wait.
    void run()
    {
        world.run([this] { return completions != 0; });
        REQUIRE(completions == 1);
    }
    failure why() const
    {
        REQUIRE(thrown);
        try {
            std::rethrow_exception(thrown);
        } catch (const failure& caught) {
            return caught;
        }
    }
    void check_ready(std::string_view state) const
    {
        CHECK_FALSE(thrown);
        CHECK(seen.id == new_id);
        CHECK(seen.state == state);
    }

    std::vector<core::duration> looks;
    virtual_world world;
    core::instant began;
    std::optional<client> waiting;
    boost::asio::cancellation_signal signal;
    unsigned completions = 0;
    core::duration ended{};
    std::exception_ptr thrown;
    cluster seen;
};

}
