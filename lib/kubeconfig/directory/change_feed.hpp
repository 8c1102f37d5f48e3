#pragma once

#include "async/context_watch.hpp"
#include "kubeconfig/directory/kubeconfig_store.hpp"
#include "kubeconfig/posix/directory_watch.hpp"

#include <doks/impl/mailbox.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace doks::kube {

/** One stream of changes, between the worker that tells and the coroutine that waits.

    Threads: any.
*/
class change_listener final : public stream<directory_change>::source,
                              public async::context_bound,
                              public std::enable_shared_from_this<change_listener>
{
public:
    using mailbox = impl::mailbox<directory_change>;

    void tell(const directory_change& change);
    void close();
    void next(mailbox::handler who, const boost::asio::any_io_executor& on) override;
    /// A coroutine that waits owns the stream that owns the listener that owns the coroutine.
    void abandon() override;

private:
    const std::shared_ptr<mailbox> box_ = std::make_shared<mailbox>();
    std::mutex telling_;
    bool ending_ = false;
    std::atomic<const void*> watched_ = nullptr; ///< the context whose end is heard of
};

/** Tells listeners what changes in the directory.

    Shape: it watches from the first listener on, and no longer once it finds that all are gone.
    Threads: the worker's.
*/
class change_feed
{
public:
    explicit change_feed(std::shared_ptr<const kubeconfig_store> store)
        : store_(std::move(store))
    {}

    /// Tells it what is there now, and from then on what changes.
    void add(const std::weak_ptr<change_listener>& who);
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
    std::vector<std::weak_ptr<change_listener>> listeners_;
    std::optional<directory_watch> watch_;
    bool interrupted_ = false;
    std::set<std::string> present_; ///< ids that were told of, so that their end is noticed when the kernel lost it
};

/// The stream that the listener feeds; it keeps the worker going.
stream<directory_change> stream_of(std::shared_ptr<change_listener> who, std::shared_ptr<void> worker);

}
