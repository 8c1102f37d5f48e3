#pragma once

#include "api/keeper/keeper_entry.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace doks::api {

/** A keeper's entries, and the lock under which any thread reads them.

    Entries that are not kept are bounded: the least recently used that is idle goes.
    Threads: the client's strand changes the map; other threads hold `lock()`.
*/
class credential_map
{
public:
    explicit credential_map(std::size_t max_entries)
        : max_entries_(max_entries)
    {}

    [[nodiscard]] std::lock_guard<std::mutex> lock() const { return std::lock_guard(mutex_); }

    // On the strand, or under the lock.
    keeper_entry* find(std::string_view id, std::chrono::seconds expiry, credential_type type) const;
    keeper_entry* find(const credential_key& key) const { return find(key.id, key.expiry, key.type); }
    template <class Visit> void for_each(Visit visit) const
    {
        for (const auto& [id, entries] : entries_)
            for (const auto& entry : entries) visit(*entry);
    }
    /// Those of one cluster.
    template <class Visit> void for_each(std::string_view id, Visit visit) const
    {
        const auto found = entries_.find(id);
        if (found == entries_.end()) return;
        for (const auto& entry : found->second) visit(*entry);
    }

    // Under the lock.
    void on_use(keeper_entry& entry);
    void set_kept(keeper_entry& entry, bool kept);

    // On the strand; these take the lock.
    keeper_entry& find_or_make(keeper_state& keeper, const credential_key& key);
    /// But for a credential that the cluster refused: it may be on disk still.
    void erase_if_useless(keeper_entry& entry, core::instant now);
    void clear();

private:
    void erase(keeper_entry& entry);
    void make_room();

    const std::size_t max_entries_;
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<std::unique_ptr<keeper_entry>>, std::less<>> entries_; ///< by id
    boost::intrusive::list<keeper_entry> unkept_; ///< the most recently used is the last
};

}
