#include "api/clusters/ready_wait.hpp"

#include "api/clusters/readiness.hpp"
#include "api/decode/bodies.hpp"
#include "api/decode/decoding.hpp"
#include "async/random.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace doks::api {

namespace {

/// DigitalOcean's Terraform provider waits this long for a cluster's creation.
constexpr core::duration default_timeout = std::chrono::minutes(30);

/// What the requests have shown so far.
struct observation
{
    std::optional<cluster> last_seen;
    std::optional<failure> absent; ///< the last look's 404
    wait_memory memory;

    std::string text() const
    {
        if (absent) return "the API knows no such cluster yet";
        if (!last_seen) return {};
        if (last_seen->state.empty()) return "the API tells no state of the cluster";
        auto text = "the cluster was last seen " + printable(last_seen->state, 64);
        if (!last_seen->state_message.empty()) text += " (" + last_seen->state_message + ")";
        return text;
    }
};

failure ended_in(const operation& self, errc state)
{
    auto record = self.blank_record();
    record.code = state;
    record.remedy = "look at the cluster in DigitalOcean's control panel";
    return failure(std::move(record));
}

failure timed_out(const operation& self)
{
    auto record = self.blank_record();
    record.code = errc::timed_out;
    record.phase = "cluster";
    record.why = stop_reason::deadline;
    record.layer = "timeout";
    record.remedy = "give the wait more time, or look at the cluster in DigitalOcean's control panel";
    return failure(std::move(record));
}

/// Adds the last state. A request that the deadline ended, for example at the rate gate, is a wait that timed out.
failure explained(const failure& why, const observation& seen)
{
    auto record = why.record();
    const auto text = seen.text();
    if (!text.empty() && record.why == stop_reason::deadline && record.code != errc::timed_out) {
        record.last_cause = record.code;
        record.code = errc::timed_out;
    }
    if (!text.empty()) record.detail = record.detail.empty() ? text : record.detail + "; " + text;
    return failure(std::move(record));
}

/// Sends one request. It may wait for quota as long as the whole wait may take.
awaitable<std::optional<failure>> look(operation& self, std::string id, call_options options, observation& seen)
{
    options.timeout = (std::max)(options.deadline - self.now(), core::duration(1));
    const auto request = cluster_request(self.client().clusters, std::move(id));
    auto got = co_await self.send(request, options);
    seen.absent.reset();
    if (!got && got.error() != condition::not_found) co_return got.error();
    if (!got) {
        seen.absent = got.error();
        co_return std::nullopt;
    }
    auto found = decode_cluster(request, std::move(*got));
    if (!found) co_return found.error();
    seen.last_seen = std::move(*found);
    co_return std::nullopt;
}

awaitable<std::optional<failure>> look_until_ready(
    operation& self, std::string id, call_options options, observation& seen)
{
    using verdict = wait_step::verdict;
    for (;;) {
        const auto failed = co_await look(self, id, options, seen);
        if (failed) co_return failed;
        std::optional<std::string_view> state;
        if (!seen.absent) state = seen.last_seen->state;
        const auto next = after_look(state, seen.memory, {}, self.now(), options.deadline, async::random_unit());
        switch (next.what) {
        case verdict::complete:
            co_return std::nullopt;
        case verdict::end_broken:
            co_return ended_in(self, errc::cluster_in_error);
        case verdict::end_gone:
            co_return ended_in(self, errc::cluster_deleted);
        case verdict::end_absent:
            co_return seen.absent;
        case verdict::look_again:
            co_await self.pause_until(next.at);
        }
        if (const auto cancelled = self.cancelled()) co_return cancelled;
        if (self.now() >= options.deadline) co_return timed_out(self);
    }
}

}

awaitable<result<cluster>> wait_until_ready(operation& self, std::string id, call_options options)
{
    const auto timeout = options.timeout > core::duration::zero() ? options.timeout : default_timeout;
    options.deadline = (std::min)(options.deadline, core::later(self.now(), timeout));
    observation seen;
    const auto failed = co_await look_until_ready(self, std::move(id), options, seen);
    if (failed) co_return explained(*failed, seen);
    co_return std::move(*seen.last_seen);
}

}
