#pragma once

#include "async/event_queue.hpp"
#include "kubeconfig/directory/kubeconfig_store.hpp"
#include "kubeconfig/posix/directory_watch.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace doks::kube {

/// One stream of changes, from the worker to the coroutine that waits.
using change_queue = async::event_queue<directory_change>;

/** Tells listeners what changes in the directory.

    It watches from the first listener on, and no longer once it finds that all are gone.
    Threads: the worker's.
*/
class change_feed
{
public:
    explicit change_feed(std::shared_ptr<const kubeconfig_store> store)
        : store_(std::move(store))
    {}

    /// Tells it what is there now, and from then on what changes.
    void add(const std::weak_ptr<change_queue>& who);
    /// Null without listeners.
    const directory_watch* watch() const noexcept { return watch_ ? &*watch_ : nullptr; }
    /// Looks at what the watch has heard of, if anything; where it is interrupted by an exception, at everything next.
    void look();

private:
    directory_change state_of(const std::string& id) const;
    directory_change broken(const file_error& why) const;
    std::optional<file_error> start();
    void tell_of(const directory_news& news);
    void tell(const directory_change& change);
    void tell_everything();
    void end(const file_error& why);

    const std::shared_ptr<const kubeconfig_store> store_;
    std::vector<std::weak_ptr<change_queue>> listeners_;
    std::optional<directory_watch> watch_;
    bool interrupted_ = false;
    std::set<std::string> present_; ///< ids that were told of, so that their end is noticed when the kernel lost it
};

/// The stream that the listener feeds; it keeps the worker going.
stream<directory_change> stream_of(std::shared_ptr<change_queue> who, std::shared_ptr<void> worker);

}
