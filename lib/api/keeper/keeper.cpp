#include <doks/keeper.hpp>

#include "api/keeper/keeper_state.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <utility>

namespace doks {

/// The handles of one keeper; the state itself is held by what is under way, too.
struct keeper::owner
{
    explicit owner(std::shared_ptr<api::keeper_state> of)
        : state(std::move(of))
    {}
    owner(const owner&) = delete;
    owner& operator=(const owner&) = delete;
    ~owner() { state->close(); }

    const std::shared_ptr<api::keeper_state> state;
};

std::string_view to_string(renewal_status status) noexcept
{
    switch (status) {
    case renewal_status::renewed:
        return "renewed";
    case renewal_status::failing:
        return "failing";
    case renewal_status::gone:
        return "gone";
    case renewal_status::not_stored:
        return "not stored";
    }
    return "unknown";
}

namespace {

/// So that a hit costs no allocation.
bool is_as_the_api_writes_it(std::string_view id)
{
    return std::none_of(id.begin(), id.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}

keeper::keeper(client from, keeper_options options)
    : owner_(std::make_shared<owner>(api::keeper_state::make(from, std::move(options))))
{}

std::optional<kubeconfig> keeper::held(std::string_view id, call_options options) const
{
    if (is_as_the_api_writes_it(id)) return owner_->state->held(id, options);
    return owner_->state->held(kube::canonical_id(std::string(id)), options);
}

void keeper::invalidate(std::string_view id) const
{
    owner_->state->invalidate(kube::canonical_id(std::string(id)), nullptr);
}

void keeper::invalidate(const doks::kubeconfig& refused) const
{
    owner_->state->invalidate(refused.cluster_id(), &refused);
}

void keeper::keep(std::vector<std::string> ids, std::vector<std::string> unlisted) const
{
    for (auto* const each : {&ids, &unlisted})
        for (auto& id : *each) id = kube::canonical_id(std::move(id));
    owner_->state->keep(std::move(ids), std::move(unlisted));
}

stream<renewal_event> keeper::changes() const { return stream<renewal_event>(owner_->state->cache().subscribe()); }

keeper_stats keeper::stats() const { return owner_->state->cache().stats(); }

const boost::asio::any_io_executor& keeper::executor() const noexcept { return owner_->state->user_executor(); }

void keeper::start_kubeconfig(std::string_view id, const call_options& options,
    boost::asio::any_completion_handler<void(result<doks::kubeconfig>)> handler) const
{
    owner_->state->get(kube::canonical_id(std::string(id)), options, std::move(handler));
}

void keeper::start_drain(
    std::chrono::steady_clock::duration bound, boost::asio::any_completion_handler<void()> handler) const
{
    owner_->state->drain(bound, std::move(handler));
}

}
