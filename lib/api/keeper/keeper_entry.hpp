#pragma once

#include "api/keeper/credential_fetch.hpp"
#include "core/credential/renewal_schedule.hpp"
#include "core/timer_heap.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace doks::api {

class keeper_state;
class keeper_waiter;

/// What a keeper knows of one credential. It is due when it is time to renew.
struct keeper_entry final : core::timer, boost::intrusive::list_base_hook<>
{
    enum class phase
    {
        idle,      ///< no renewal; until it is due, a call needs it, or the cluster refuses it
        queued,    ///< `in_flight` others are under way; until its turn comes, or a call starts it
        directory, ///< the renewal looks into the directory; until it found a credential, failed, or asks the API
        request    ///< the renewal asks the API; until the response, or until a call overtakes it in the quota
    };
    /// What the directory holds of it, for ids that are kept there.
    struct file_state
    {
        std::weak_ptr<void> writing;  ///< alive while a write is under way
        std::optional<failure> error; ///< why the directory did not take what is held
        bool error_published = false;
        bool renewal_unpublished = false; ///< `renewed` is told once the file is known to be there
    };

    keeper_entry(keeper_state& of, credential_key what)
        : keeper(of)
        , key(std::move(what))
    {}

    void due(core::instant now) override;
    bool is_in_flight() const noexcept { return renewal == phase::directory || renewal == phase::request; }
    bool is_idle() const noexcept
    {
        return !kept && renewal == phase::idle && file.writing.expired() && waiters.empty();
    }
    /// Under the lock of the map, as what it looks at.
    bool serves(core::instant now) const noexcept { return config && !refused && schedule.is_valid(now); }
    bool was_refused(const kubeconfig& other) const { return refused_one && refused_one->bytes() == other.bytes(); }

    keeper_state& keeper;
    const credential_key key;

    // Changed under the lock of the map, on the strand; read on the strand, or under the lock.
    std::optional<kubeconfig> config;
    core::renewal_schedule schedule;
    bool kept = false;
    file_state file;

    // Changed and read under the lock, on any thread.
    bool refused = false;                  ///< the cluster refuses `config`, and so what the directory holds
    std::optional<kubeconfig> refused_one; ///< the last that the cluster refused
    bool renewal_asked = false;            ///< a reader saw that it is due

    // On the strand.
    phase renewal = phase::idle;
    std::shared_ptr<operation> flight;              ///< while it is in the directory or asks the API
    net::priority priority = net::priority::single; ///< of the request
    core::instant deadline = core::never;           ///< of the request, where a call waits for it
    std::shared_ptr<void> mint_lock;                ///< of the flight, until the credential is stored
    core::instant other_mints_until{}; ///< how long a renewal without a call waits for another process that mints
    std::vector<std::shared_ptr<keeper_waiter>> waiters;
};

}
