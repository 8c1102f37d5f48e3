#include "kubeconfig/directory/disk_worker.hpp"

#include "async/retry_for_memory.hpp"
#include "kubeconfig/directory/change_feed.hpp"

#include <utility>

namespace doks::kube {

namespace {

/// A file descriptor each, held until the round is published.
constexpr std::size_t largest_round = 64;

doorbell opened(const kubeconfig_store& store)
{
    auto bell = doorbell::open();
    if (!bell) throw store.failure_of(unusable(bell.error()));
    return std::move(*bell);
}

}

const file_error& out_of_memory()
{
    static const file_error error{make_error_code(boost::system::errc::not_enough_memory)};
    return error;
}

/// Puts that share the disk's latency.
struct disk_worker::round
{
    struct entry
    {
        put_job job;
        put_done done;
    };
    std::vector<entry> entries;
};

/// What the thread works with; it sleeps until there is work, or news of the directory.
class disk_worker::state final : public async::worker::idle
{
public:
    explicit state(std::shared_ptr<const kubeconfig_store> store)
        : store_(std::move(store))
        , bell_(opened(*store_))
        , feed_(store_)
    {}

    void wait() override
    {
        bell_.wait(feed_.watch());
        look();
    }
    void wake() noexcept override { bell_.ring(); }

    void look()
    {
        async::retry_for_memory([this] { feed_.look(); });
    }
    void tell(const std::weak_ptr<change_queue>& who)
    {
        async::retry_for_memory([&] { feed_.add(who); });
    }

    /// On the worker's thread.
    void write(round& puts)
    {
        close(puts);
        std::vector<std::optional<file_error>> outcomes;
        const bool complete = write(puts, outcomes);
        for (std::size_t i = 0; i < puts.entries.size(); ++i)
            puts.entries[i].done(complete ? std::move(outcomes[i]) : out_of_memory());
        look();
    }

    void end_waiting() const noexcept
    {
        store_->directory().end_waiting(std::chrono::steady_clock::now() + std::chrono::milliseconds(500));
    }

    std::mutex mutex;
    std::shared_ptr<round> open; ///< the last work that was given, if it is a round that has not begun

private:
    void close(const round& puts)
    {
        const std::lock_guard held(mutex);
        if (open.get() == &puts) open.reset();
    }

    bool write(round& puts, std::vector<std::optional<file_error>>& outcomes) noexcept
    {
        try {
            std::vector<put_job> jobs;
            jobs.reserve(puts.entries.size());
            for (auto& each : puts.entries) jobs.push_back(std::move(each.job));
            outcomes = store_->put(jobs);
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    const std::shared_ptr<const kubeconfig_store> store_;
    const doorbell bell_;
    change_feed feed_;
};

disk_worker::disk_worker(std::shared_ptr<const kubeconfig_store> store)
    : state_(std::make_shared<state>(std::move(store)))
    , worker_(state_)
{}

disk_worker::~disk_worker() { state_->end_waiting(); }

/// A put joins the last round only while that is the last work, so that the order stays.
void disk_worker::put(put_job job, put_done done)
{
    const std::lock_guard held(state_->mutex);
    auto& open = state_->open;
    if (!open || open->entries.size() == largest_round) {
        auto made = std::make_shared<round>();
        made->entries.push_back({std::move(job), std::move(done)});
        worker_.post([state = state_, made] { state->write(*made); });
        open = std::move(made);
    } else {
        open->entries.push_back({std::move(job), std::move(done)});
    }
}

void disk_worker::run(std::function<void()> work)
{
    const std::lock_guard held(state_->mutex);
    worker_.post([state = state_, work = std::move(work)] {
        work();
        state->look();
    });
    state_->open.reset(); // puts from here on come after this
}

void disk_worker::tell(std::weak_ptr<change_queue> who)
{
    run([state = state_, who = std::move(who)] { state->tell(who); });
}

boost::asio::awaitable<std::optional<file_error>> async_put(std::shared_ptr<disk_worker> worker, put_job job)
{
    using outcome = std::optional<file_error>;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(std::exception_ptr, outcome)>(
        [](auto handler, std::shared_ptr<disk_worker> by, put_job given) {
            const boost::asio::any_io_executor on = boost::asio::get_associated_executor(handler);
            auto call = async::worker_call<outcome>::make(std::move(handler), on);
            by->put(
                std::move(given), [call = std::move(call)](outcome done) { call->finish(nullptr, std::move(done)); });
        },
        boost::asio::use_awaitable, std::move(worker), std::move(job));
}

}
