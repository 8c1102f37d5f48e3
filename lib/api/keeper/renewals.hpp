#pragma once

#include "api/keeper/keeper_entry.hpp"
#include "api/keeper/store/credential_store.hpp"

#include <deque>
#include <memory>

namespace doks::api {

/** A keeper's renewals: each is a coroutine that looks into the directory, asks the API and stores what it minted.

    Of several keepers and processes over one directory one mints a credential while the others wait for it. A renewal that a
    call waits for starts at once and goes ahead in the quota; the others run `in_flight` at a time, in the order queued.
    Threads: the client's strand.
*/
class renewals
{
public:
    explicit renewals(keeper_state& keeper);

    /// Starts one in the background, if none is under way and `in_flight` allows it.
    void queue(keeper_entry& entry);
    /// Starts one now, for a call that has joined the entry.
    void start_for_call(keeper_entry& entry);
    /// If the request waits for quota in the background, it is sent again ahead of the others.
    void overtake(keeper_entry& entry);
    void start_queued();

    void clear_queue();
    bool waits_for_quota(const keeper_entry& entry) const;
    void cancel(keeper_entry& entry);

private:
    /// What a look into the directory led to.
    enum class next_step
    {
        end,    ///< it was found, is not needed now, or cannot be stored; or another process mints it
        wait,   ///< another process mints it, and a call waits
        request ///< it has to be minted
    };
    class flight_guard;

    void start(keeper_entry& entry);
    void begin(keeper_entry& entry, keeper_entry::phase first);
    void end(keeper_entry& entry);
    static awaitable<void> run(
        std::shared_ptr<keeper_state> keeper, operation& renewing, credential_key key, keeper_entry::phase first);
    awaitable<next_step> check_directory(operation& renewing, credential_key key);
    bool waits_for_other(keeper_entry& entry, core::instant waited_until) const;
    next_step on_lookup(keeper_entry& entry, credential_store::lookup outcome);
    bool on_fetched(keeper_entry& entry, result<credential> outcome);
    void set_bounds(keeper_entry& entry, call_options& options, request_terms& terms) const;

    keeper_entry* renewed_by(const operation& renewing, const credential_key& key) const;
    bool is_wanted(const keeper_entry& entry) const;
    bool awaits_its_write(keeper_entry& entry) const;

    keeper_state& keeper_;
    std::deque<keeper_entry*> queue_;
    bool starting_ = false;
};

}
