#pragma once

#include "api/client_state.hpp"
#include "net/completion.hpp"

#include <doks/bulk.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace doks::api {

/// The clusters that a bulk fetches, each id once, in the order given.
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

/** The stream of one or several sources: what is finished, who waits, the counts.

    One lock guards it, for sources of different clients live on different strands. Nothing of the user's runs under it.
*/
class bulk_state final : public async::context_bound, public std::enable_shared_from_this<bulk_state>
{
public:
    static std::shared_ptr<bulk_state> of(
        const std::shared_ptr<const client_state>& from, bulk_targets targets, bulk_options options);

    ~bulk_state();

    void join(bulk_state& other);
    using waiter = net::completion<void(std::exception_ptr, std::optional<bulk_item>)>;

    /// `on` serves where there is no client.
    void next(waiter::handler handler, const boost::asio::any_io_executor& on);
    bulk_summary summary() const;
    void stop(std::chrono::steady_clock::duration grace);

private:
    friend class bulk_source;

    /// From a source: one outcome.
    void deliver(bulk_source& from, bulk_item item);
    void withdraw_waiter(std::uint64_t number);
    /// The context goes: whoever waits is let go of.
    void abandon() override;
    void look_at_fresh();
    void serve();
    void count(const bulk_item& item);
    void pump_all();

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<bulk_source>> sources_;
    std::deque<std::pair<std::shared_ptr<bulk_source>, bulk_item>> ready_;
    std::optional<waiter> waiter_;
    std::uint64_t waits_ = 0;
    bulk_summary counts_;
    bool read_from_ = false;
};

}
