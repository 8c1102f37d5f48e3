#pragma once

#include "api/keeper/credential_fetch.hpp"
#include "async/completion.hpp"
#include "core/credential/absence.hpp"
#include "core/credential/credential_lifetime.hpp"
#include "core/timer_heap.hpp"

#include <doks/keeper.hpp>

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace doks::api {

class keeper_state;
struct keeper_entry;

/// Somebody who waits for a credential that is on its way; on the client's strand.
class keeper_wait final : public std::enable_shared_from_this<keeper_wait>, private core::timer
{
public:
    using completion = async::completion<void(result<kubeconfig>)>;

    keeper_wait(std::shared_ptr<net::shared_transport> through, completion::handler who, core::instant until);
    ~keeper_wait() override { transport_->timers().clear(*this); }

    /// From the initiation only: what a cancellation does, wherever it comes from.
    void on_cancel(std::function<void()> cancelled);
    void wait_at(keeper_entry& where);
    keeper_entry* where() const noexcept { return entry_; }
    core::instant until() const noexcept { return until_; }

    void finish(result<kubeconfig> outcome);

private:
    void due(core::instant now) override;
    void look_again(core::instant now);

    std::shared_ptr<net::shared_transport> transport_;
    completion done_;
    const core::instant until_;
    keeper_entry* entry_ = nullptr;
};

/// What a keeper knows of one credential. What readers of any thread look at stands under the keeper's lock.
struct keeper_entry final : core::timer, boost::intrusive::list_base_hook<>
{
    keeper_entry(keeper_state& whose, credential_key what)
        : of(whose)
        , key(std::move(what))
    {}

    /// It is time to renew.
    void due(core::instant now) override;
    bool is_idle() const noexcept { return !kept && !flight && !looking && !queued && storing == 0 && waiting.empty(); }

    keeper_state& of;
    const credential_key key;

    std::optional<kubeconfig> config; ///< under the lock
    core::credential_lifetime life;   ///< under the lock
    bool kept = false;                ///< under the lock
    bool renewal_asked = false;       ///< under the lock: a reader saw that it is due
    bool refused = false; ///< under the lock, any thread: by the cluster, so the directory's is no good either
    std::optional<kubeconfig> refused_one; ///< under the lock: the last that the cluster refused
    failure why;                           ///< under the lock: of the last renewal; clear where that succeeded
    core::credential_lifetime::error_class error_class{}; ///< of that failure
    core::absence absence;                                ///< under the lock
    std::optional<failure> unstored; ///< under the lock: why the directory did not take what is held; kept ones only
    bool told_unstored = false;      ///< under the lock
    bool unannounced = false;        ///< under the lock: `renewed` is told once the file is known to be there

    std::shared_ptr<operation> flight;
    net::priority flight_priority = net::priority::single;
    core::instant flight_until = core::never; ///< its own deadline, where somebody waits for it
    bool looking = false;                     ///< in the directory
    bool queued = false;
    bool in_haste = false;   ///< somebody waits
    std::size_t storing = 0; ///< under the lock: puts under way
    std::vector<std::shared_ptr<keeper_wait>> waiting;
};

}
