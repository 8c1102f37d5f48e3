#include "kubeconfig/directory/change_feed.hpp"

#include "kubeconfig/directory/stored_file.hpp"

namespace doks::kube {

directory_change change_feed::state_of(const std::string& id) const
{
    directory_change change;
    change.id = id;
    auto found = store_->settled(id);
    if (found)
        change.config = std::move(*found);
    else
        change.error = store_->failure_of(found.error());
    return change;
}

directory_change change_feed::broken(const file_error& why) const
{
    directory_change change;
    change.error = store_->failure_of(why);
    return change;
}

std::optional<file_error> change_feed::start()
{
    auto watch = directory_watch::open(store_->directory().place());
    if (!watch) return unusable(watch.error());
    if (auto error = store_->directory().moved()) return unusable(std::move(*error));
    watch_.emplace(std::move(*watch));
    return std::nullopt;
}

void change_feed::add(const std::weak_ptr<change_queue>& who)
{
    const auto alive = who.lock();
    if (!alive) return;
    // First the watch, then the look: what changes in between is told twice, and never missed.
    const auto error = watch_ ? std::nullopt : start();
    const auto ids = error ? file_result<std::vector<std::string>>(*error) : store_->ids();
    if (!ids) {
        alive->push(broken(ids.error()));
        alive->close();
        return;
    }
    for (const auto& id : *ids) {
        present_.insert(id);
        alive->push(state_of(id));
    }
    listeners_.push_back(who);
}

/// If memory runs out halfway, what was read from the kernel is gone: the next look takes everything for changed.
void change_feed::look()
{
    if (!watch_) return;
    const bool again = std::exchange(interrupted_, true);
    auto news = watch_->read();
    news.everything = news.everything || again;
    news.moved = news.moved || (again && store_->directory().moved());
    tell_of(news);
    interrupted_ = false;
}

void change_feed::tell_of(const directory_news& news)
{
    std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
    if (listeners_.empty()) {
        watch_.reset();
        present_.clear();
        return;
    }
    if (news.moved) {
        auto error = store_->directory().moved();
        return end(unusable(error ? std::move(*error) : not_usable(store_->path().string() + " was moved", {})));
    }
    if (news.everything) return tell_everything();
    for (const auto& name : news.names)
        if (auto id = id_of(name); id && is_told_of(*id)) tell(state_of(*id));
}

void change_feed::tell(const directory_change& change)
{
    if (change.config || change.error.code())
        present_.insert(change.id);
    else
        present_.erase(change.id);
    for (const auto& each : listeners_)
        if (const auto alive = each.lock()) alive->push(change);
}

/// Ids that were reported before are looked at as well, for the kernel may have lost their end.
void change_feed::tell_everything()
{
    const auto ids = store_->ids();
    if (!ids) return end(ids.error());
    auto all = present_;
    all.insert(ids->begin(), ids->end());
    for (const auto& id : all) tell(state_of(id));
}

void change_feed::end(const file_error& why)
{
    for (; !listeners_.empty(); listeners_.pop_back())
        if (const auto alive = listeners_.back().lock()) {
            alive->push(broken(why));
            alive->close();
        }
    watch_.reset();
    present_.clear();
}

stream<directory_change> stream_of(std::shared_ptr<change_queue> who, std::shared_ptr<void> worker)
{
    const auto both = std::make_shared<std::pair<std::shared_ptr<void>, std::shared_ptr<change_queue>>>(
        std::move(worker), std::move(who));
    return stream<directory_change>(std::shared_ptr<stream<directory_change>::source>(both, both->second.get()));
}

}
