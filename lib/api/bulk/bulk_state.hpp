#pragma once

#include "api/client_state.hpp"
#include "async/event_queue.hpp"

#include <doks/bulk.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace doks::api {

/// The clusters that a bulk fetches, each id once, in the given order. Clusters or ids; `order_` are positions in either.
class bulk_targets
{
public:
    explicit bulk_targets(std::vector<std::string> ids);
    explicit bulk_targets(std::vector<cluster> clusters);

    std::size_t size() const noexcept { return order_.size(); }
    cluster at(std::size_t position) const;

private:
    const std::string& id(std::size_t index) const { return clusters_.empty() ? ids_[index] : clusters_[index].id; }
    void keep_first_of_each();

    std::vector<std::string> ids_;
    std::vector<cluster> clusters_;
    std::vector<std::uint32_t> order_;
};

class bulk_source;

/// An item that waits to be read, and its source, which may start another id once it is read.
struct delivered_item
{
    using event = delivered_item;
    static bulk_item take(event one);

    std::shared_ptr<bulk_source> from;
    bulk_item item;
};

/** A bulk: the stream of one or several sources, and its counts.

    The user's handle owns it, and it owns its sources and the queue; a source refers to it weakly. Any thread may call it:
    sources of different clients run on different strands. No code of the user runs under the lock.
*/
class bulk_state final : public std::enable_shared_from_this<bulk_state>
{
public:
    using queue = async::event_queue<bulk_item, delivered_item>;

    static std::shared_ptr<bulk_state> of(
        const std::shared_ptr<const client_state>& from, bulk_targets targets, bulk_options options);

    ~bulk_state();

    void join(bulk_state& other);
    /// `on` is the executor of a handler without one, if there is no client either.
    void next(queue::handler handler, const boost::asio::any_io_executor& on);
    bulk_summary summary() const;
    void stop(std::chrono::steady_clock::duration grace);

    /// Called by a source: one outcome.
    void deliver(bulk_source& from, bulk_item item);

private:
    std::vector<std::shared_ptr<bulk_source>> sources() const;
    void look_at_fresh();
    void count(const bulk_item& item);
    void end_if_done();

    const std::shared_ptr<queue> queue_ = std::make_shared<queue>();
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<bulk_source>> sources_;
    bulk_summary counts_;
    bool read_from_ = false;
};

}
