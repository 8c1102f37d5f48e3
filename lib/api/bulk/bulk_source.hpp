#pragma once

#include "api/bulk/bulk_state.hpp"
#include "api/operation.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

namespace doks::api {

/** One client's part of a bulk: which ids had their turn, which are under way.

    At most `in_flight` ids are under way or finished and not yet read. It runs on the client's strand, except where a member
    says otherwise. The bulk owns it, and so does each operation that fetches an id; the transport's list owns those.

    | an id is  | entered by                                       | left by                                          |
    |-----------|--------------------------------------------------|--------------------------------------------------|
    | waiting   | construction                                     | look_at_fresh: fresh or queued; take_position    |
    | queued    | look_at_fresh, if there is a freshness to ask    | take_position                                    |
    | under way | start_one                                        | finish, also with `stopped` or a refused token   |
    | unread    | finish; a fresh item                             | taken                                            |

    `halted_` is set once by a refused token or by `stop`: ids that are not under way then end without a request.
*/
class bulk_source : public std::enable_shared_from_this<bulk_source>, private core::timer
{
public:
    bulk_source(std::shared_ptr<const client_state> from, bulk_targets targets, bulk_options options);
    ~bulk_source() override;

    std::size_t size() const noexcept { return targets_.size(); }
    void report_to(std::weak_ptr<bulk_state> stream) { stream_ = std::move(stream); }

    /** Asks the user's freshness for the ids whose turn comes next; on the reader's thread, not on the strand.

        Returns an item that is fresh; nothing once enough ids are known to need fetching.
    */
    std::optional<bulk_item> look_at_fresh();

    /// Any thread: a finished item was taken, or the reading began; more may be started.
    void pump();
    void taken() noexcept { --unread_; }
    void stop(core::duration grace);
    void cancel();

    /// Any thread.
    std::optional<core::instant> waiting_until() const noexcept;
    asio::any_io_executor user_executor() const;
    std::size_t under_way() const noexcept { return under_way_; }

private:
    void due(core::instant now) override;
    void start_more();
    std::optional<std::size_t> take_position();
    void start_one(std::size_t position);
    std::optional<failure> why_not(const cluster& which) const;
    static awaitable<void> fetch(
        std::shared_ptr<bulk_source> self, operation& fetching, cluster which, std::uint64_t number);
    awaitable<result<kubeconfig>> request(operation& fetching, const cluster& which);
    void finish(cluster which, result<kubeconfig> outcome);
    void halt(boost::system::error_code why, std::string detail);
    void end_grace_if_idle();
    template <class Which> void cancel_operations(Which which);
    failure without_turn(const cluster& which) const;

    std::shared_ptr<const client_state> client_;
    bulk_targets targets_;
    bulk_options options_;
    std::weak_ptr<bulk_state> stream_;

    std::mutex queue_mutex_;        ///< the reader's thread looks at fresh ones, the strand takes positions
    std::size_t looked_at_ = 0;     ///< ids before this position had their turn
    std::deque<std::size_t> queue_; ///< positions that are known not to be fresh

    std::map<std::uint64_t, std::weak_ptr<operation>> operations_; ///< under way, by number
    std::uint64_t last_number_ = 0;
    std::atomic<std::size_t> under_way_{0};
    std::atomic<std::size_t> unread_{0};
    std::atomic<core::duration::rep> waiting_until_{0}; ///< when the next slot is free; 0 if no id waits for one
    boost::system::error_code halted_;                  ///< why no further id begins; clear: ids begin
    std::string halted_detail_;
    bool starting_ = false;  ///< `start_more` is running: an id may finish within it
    bool cancelled_ = false; ///< the bulk was destroyed
    call_options bounds_;
    request_terms terms_;
};

}
