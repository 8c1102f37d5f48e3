#include "api/keeper/credential_map.hpp"

#include "api/keeper/keeper_waiter.hpp"

#include <algorithm>

namespace doks::api {

keeper_entry* credential_map::find(std::string_view id, std::chrono::seconds expiry, credential_type type) const
{
    const auto found = entries_.find(id);
    if (found == entries_.end()) return nullptr;
    for (const auto& entry : found->second)
        if (entry->key.expiry == expiry && entry->key.type == type) return entry.get();
    return nullptr;
}

void credential_map::on_use(keeper_entry& entry)
{
    if (entry.kept) return;
    unkept_.splice(unkept_.end(), unkept_, unkept_.iterator_to(entry));
}

void credential_map::set_kept(keeper_entry& entry, bool kept)
{
    if (entry.kept == kept) return;
    entry.kept = kept;
    if (kept)
        unkept_.erase(unkept_.iterator_to(entry));
    else
        unkept_.push_back(entry);
}

keeper_entry& credential_map::find_or_make(keeper_state& keeper, const credential_key& key)
{
    if (keeper_entry* const found = find(key)) return *found;
    auto made = std::make_unique<keeper_entry>(keeper, key);
    const auto held = lock();
    make_room();
    auto& entries = entries_[key.id];
    entries.push_back(std::move(made));
    unkept_.push_back(*entries.back());
    return *entries.back();
}

void credential_map::erase_if_useless(keeper_entry& entry, core::instant now)
{
    const auto held = lock();
    if (entry.is_idle() && !entry.schedule.is_valid(now) && !entry.refused_one) erase(entry);
}

void credential_map::clear()
{
    const auto held = lock();
    unkept_.clear();
    entries_.clear();
}

void credential_map::erase(keeper_entry& entry)
{
    unkept_.erase(unkept_.iterator_to(entry));
    const auto at = entries_.find(entry.key.id);
    std::erase_if(at->second, [&](const auto& each) { return each.get() == &entry; });
    if (at->second.empty()) entries_.erase(at);
}

void credential_map::make_room()
{
    for (auto next = unkept_.begin(); next != unkept_.end() && unkept_.size() >= max_entries_;) {
        keeper_entry& entry = *next++;
        if (entry.is_idle()) erase(entry);
    }
}

}
