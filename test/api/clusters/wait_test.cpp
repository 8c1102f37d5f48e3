#include "api/clusters/waiting.hpp"

// Waiting until a new cluster has a kubeconfig: what ends the wait and when, in virtual time.

namespace doks::test {

namespace {

new_cluster::story always(const scripted_answer& answer)
{
    return [answer](core::duration) { return answer; };
}

/// The failure of a wait whose every look gets this response.
failure ended_by(const scripted_answer& answer, call_options options = {})
{
    new_cluster it(always(answer));
    it.wait(it.world.config(), options);
    it.run();
    return it.why();
}

bool holds(const failure& why, std::string_view part) { return why.message().find(part) != std::string::npos; }

}

TEST_CASE("a cluster that provisions for ten minutes is ready soon after, with a look each 30 s at most")
{
    new_cluster it([](core::duration since) { return cluster_in(since < 10min ? "provisioning" : "running"); });
    it.wait(it.world.config());
    it.run();
    it.check_ready("running");
    CHECK(it.ended >= 10min);
    CHECK(it.ended <= 10min + 30s);
    CHECK(it.looks.size() >= 22);
    CHECK(it.looks.size() <= 32);
    CHECK(it.looks.front() == 0s);
    CHECK(it.looks[1] >= 3750ms);
    CHECK(it.looks[1] <= 5001ms);
    for (std::size_t i = 1; i < it.looks.size(); ++i) CHECK(it.looks[i] - it.looks[i - 1] <= 30s + 1ms);
    CHECK(it.world.network->dials() <= it.looks.size());
}

TEST_CASE("two that wait do not look together")
{
    new_cluster one(always(cluster_in("provisioning")));
    new_cluster other(always(cluster_in("provisioning")));
    for (auto* each : {&one, &other}) {
        each->wait(each->world.config(), {.timeout = 5min});
        each->run();
    }
    CHECK(one.looks != other.looks);
}

TEST_CASE("a cluster that has a kubeconfig needs one look, degraded and upgrading ones included")
{
    for (const auto* state : {"running", "degraded", "upgrading"}) {
        new_cluster it(always(cluster_in(state)));
        it.wait(it.world.config());
        it.run();
        it.check_ready(state);
        CHECK(it.looks.size() == 1);
    }
}

TEST_CASE("a 404 right after the creation is waited through")
{
    new_cluster it([](core::duration since) {
        if (since < 1min) return no_cluster();
        return cluster_in(since < 3min ? "provisioning" : "running");
    });
    it.wait(it.world.config());
    it.run();
    it.check_ready("running");
    CHECK(it.ended >= 3min);
}

TEST_CASE("a 404 that lasts two minutes ends the wait")
{
    new_cluster it(always(no_cluster()));
    it.wait(it.world.config());
    it.run();
    CHECK(it.why() == condition::not_found);
    CHECK(it.why().http_status() == 404);
    CHECK(it.ended >= 2min);
    CHECK(it.ended <= 2min + 30s);
    CHECK(it.why().attempts() == it.looks.size());
    CHECK(it.why().elapsed() == it.ended);
}

TEST_CASE("a cluster in an error ends the wait with what the API says of it")
{
    const auto why = ended_by(cluster_in("error", "no droplets left"));
    CHECK(why == errc::cluster_in_error);
    CHECK(holds(why, "the cluster was last seen error (no droplets left)"));
    CHECK(holds(why, "GET /v2/kubernetes/clusters/" + new_id));
}

TEST_CASE("a cluster that is deleted meanwhile ends the wait")
{
    for (const auto* state : {"deleting", "deleted"}) {
        const auto why = ended_by(cluster_in(state));
        CHECK(why == errc::cluster_deleted);
        CHECK(why == condition::not_found);
        CHECK(holds(why, state));
    }
}

TEST_CASE("the deadline names the state that was seen last, a state of the future and none included")
{
    for (const call_options& how : {call_options{.timeout = 90s}, call_options{.timeout = 11s}}) {
        new_cluster it(always(cluster_in("provisioning")));
        it.wait(it.world.config(), how);
        it.run();
        CHECK(it.ended >= how.timeout);
        CHECK(it.ended <= how.timeout + 5ms);
        CHECK(it.why() == condition::timeout);
        CHECK(it.why().why_stopped() == stop_reason::deadline);
        CHECK(holds(it.why(), "the cluster was last seen provisioning"));
        CHECK(how.timeout - it.looks.back() <= 4s);
    }
    CHECK(holds(ended_by(cluster_in("hibernating\\u0007"), {.timeout = 1min}), "last seen hibernating?"));
    CHECK(holds(ended_by(cluster_in(""), {.timeout = 1min}), "the API tells no state"));
    CHECK(holds(ended_by(no_cluster(), {.timeout = 1min}), "knows no such cluster yet"));
}

TEST_CASE("without a deadline of the call's own a wait ends after 30 minutes")
{
    new_cluster it(always(cluster_in("provisioning")));
    it.wait(it.world.config());
    it.run();
    CHECK(it.why() == condition::timeout);
    CHECK(it.ended >= 30min);
    CHECK(it.ended <= 30min + 5ms);
}

TEST_CASE("the earlier of a bound and a time point ends a wait")
{
    new_cluster it(always(cluster_in("provisioning")));
    it.wait(it.world.config(), {.timeout = 10min, .deadline = it.world.time->steady_now() + 40s});
    it.run();
    CHECK(it.why() == condition::timeout);
    CHECK(it.ended >= 40s);
    CHECK(it.ended <= 40s + 5ms);
}

TEST_CASE("a look that the deadline cuts off is a wait that timed out, and still names the state")
{
    new_cluster it([](core::duration since) {
        auto answer = cluster_in("provisioning");
        answer.silent = since > 1s;
        return answer;
    });
    it.wait(it.world.config(), {.timeout = 12s});
    it.run();
    CHECK(it.why() == condition::timeout);
    CHECK(it.ended <= 12s + 5ms);
    CHECK(it.why().phase() == "first byte");
    CHECK(holds(it.why(), "last seen provisioning"));
}

TEST_CASE("a failure that passes is retried within a look, one that does not ends the wait")
{
    unsigned count = 0;
    new_cluster it([&](core::duration) {
        ++count;
        return count % 2 ? scripted_answer{http_answer(503, "{}")} : cluster_in(count < 6 ? "provisioning" : "running");
    });
    it.wait(it.world.config());
    it.run();
    it.check_ready("running");
    CHECK(it.looks.size() == 6);

    const auto denied = ended_by({http_answer(401, "{}")});
    CHECK(denied == condition::denied);
    const auto down = ended_by({http_answer(503, "{}")});
    CHECK(down.http_status() == 503);
    CHECK(down.why_stopped() == stop_reason::exhausted);
    CHECK(ended_by({http_answer(200, "[]")}) == errc::unexpected_response);
}

TEST_CASE("a policy of the client's stands around each look, and its deadline bounds that alone")
{
    new_cluster it([](core::duration since) { return cluster_in(since < 5min ? "provisioning" : "running"); });
    it.wait_with(it.world.client(it.world.config()).with(timeout(800ms) | retry(attempts(1))));
    it.run();
    it.check_ready("running");
    CHECK(it.ended >= 5min);
}

TEST_CASE("an id that is none is refused before anything is sent")
{
    new_cluster it(always(cluster_in("running")));
    it.world.client(it.world.config()).wait_ready("../x", {}, [&](std::exception_ptr why, const cluster&) {
        it.thrown = why;
        ++it.completions;
    });
    it.run();
    CHECK(it.why() == condition::invalid);
    CHECK(it.looks.empty());
}

}
