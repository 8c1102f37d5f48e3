#pragma once

#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>
#include <mutex>

namespace doks {
namespace asio = boost::asio;
}

namespace doks::async {

/** Something that must not outlive its execution context: a user's handler, or what keeps operations alive.

    A user's handler may own a coroutine that owns a client that owns the operation that owns the handler: a cycle that only
    the destruction of the context can break.
*/
class discardable : public boost::intrusive::list_base_hook<>
{
public:
    /// Called once, under the lock, when the context is being destroyed: moves out what has to be destroyed with it.
    virtual std::shared_ptr<void> discard() = 0;

protected:
    ~discardable() = default;
};

/** Everything discardable of one execution context; the only code that handles the destruction of a context.

    Threads: any. What is discarded is destroyed without the lock. While something is listed, its context is alive.
*/
class shutdown
{
public:
    static std::shared_ptr<shutdown> of(asio::execution_context& context);

    /// Does nothing once the context is being destroyed.
    void add(discardable& one);
    void remove(discardable& one) noexcept;

    /// Calls `use` if `one` is listed, under the lock: the context is alive meanwhile. Returns whether it was called.
    template <class Use> bool if_listed(const discardable& one, Use use)
    {
        const std::lock_guard lock(mutex_);
        if (!one.is_linked()) return false;
        use();
        return true;
    }
    /// As `if_listed`, and takes it off the list first.
    template <class Use> bool take(discardable& one, Use use)
    {
        const std::lock_guard lock(mutex_);
        if (!one.is_linked()) return false;
        listed_.erase(listed_.iterator_to(one));
        use();
        return true;
    }

    /// The context is being destroyed.
    void discard_all();

private:
    std::mutex mutex_;
    boost::intrusive::list<discardable> listed_;
    bool ended_ = false;
};

}
