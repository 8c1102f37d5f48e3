#include "cli/output/output_queue.hpp"

#include <doks/secret.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::cli {

/// What waits to be written to one file.
class output_queue::state : public std::enable_shared_from_this<state>
{
public:
    bool put(int file, std::string_view text, std::size_t room)
    {
        std::unique_lock lock(mutex_);
        auto& to = streams_[file];
        if (to.error != 0) return true;
        if (to.waiting != 0 && to.waiting + text.size() > room) return false;
        if (is_running_ || start()) {
            texts_.push_back({file, {text.begin(), text.end()}});
            to.waiting += text.size();
            waiting_ += text.size();
            changed_.notify_all();
            return true;
        }
        lock.unlock();
        const int error = write_all(file, text);
        lock.lock();
        to.error = error;
        return true;
    }

    bool is_empty() const
    {
        const std::lock_guard lock(mutex_);
        return waiting_ == 0;
    }

    bool flush(std::optional<std::chrono::milliseconds> patience) const
    {
        constexpr int most = 5;
        const auto is_done = [this] { return waiting_ == 0; };
        std::unique_lock lock(mutex_);
        if (!patience) changed_.wait(lock, is_done);
        for (int turn = 0; turn < most && waiting_ != 0; ++turn) {
            const std::size_t before = written_;
            if (!changed_.wait_for(lock, *patience, is_done) && written_ == before) break;
        }
        return waiting_ == 0;
    }

    int error_of(int file) const
    {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(file);
        return found == streams_.end() ? 0 : found->second.error;
    }

private:
    struct item
    {
        int file;
        secret_bytes text;
    };
    struct stream
    {
        std::size_t waiting = 0; ///< bytes, of what is being written too
        int error = 0;
    };

    /// False where the process may have no more threads.
    bool start()
    {
        try {
            std::thread([self = shared_from_this()] { self->run(); }).detach();
            return is_running_ = true;
        } catch (const std::system_error&) {
            return false;
        }
    }

    void run()
    {
        for (std::unique_lock lock(mutex_);;) {
            changed_.wait(lock, [this] { return !texts_.empty(); });
            const auto next = std::move(texts_.front());
            texts_.pop_front();
            auto& to = streams_[next.file];
            const bool is_wanted = to.error == 0;
            lock.unlock();
            const int error = is_wanted ? write_all(next.file, {next.text.data(), next.text.size()}) : 0;
            lock.lock();
            if (error != 0) to.error = error;
            to.waiting -= next.text.size();
            waiting_ -= next.text.size();
            if (waiting_ == 0) changed_.notify_all();
        }
    }

    /// 0, or why it could not be written. A descriptor that does not block is waited for.
    int write_all(int file, std::string_view bytes)
    {
        constexpr std::size_t piece = 16384;
        while (!bytes.empty()) {
            const auto written = ::write(file, bytes.data(), std::min(bytes.size(), piece));
            if (written >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(written));
                written_ += static_cast<std::size_t>(written);
            } else if (errno == EAGAIN) {
                pollfd waited{file, POLLOUT, 0};
                ::poll(&waited, 1, -1);
            } else if (errno != EINTR) {
                return errno;
            }
        }
        return 0;
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::deque<item> texts_;
    std::map<int, stream> streams_;
    std::size_t waiting_ = 0;              ///< bytes for all of them
    std::atomic<std::size_t> written_ = 0; ///< bytes
    bool is_running_ = false;
};

std::shared_ptr<output_queue::state> output_queue::state_of(int file)
{
    static auto& known = *new std::map<std::pair<dev_t, ino_t>, std::weak_ptr<state>>;
    static std::mutex mutex;
    struct stat about
    {};
    if (::fstat(file, &about) != 0) return std::make_shared<state>();
    const std::lock_guard lock(mutex);
    auto& place = known[{about.st_dev, about.st_ino}];
    auto found = place.lock();
    if (!found) place = found = std::make_shared<state>();
    return found;
}

output_queue::output_queue(int file)
    : file_(file)
    , state_(state_of(file))
{}

bool output_queue::put(std::string_view text, std::size_t room) { return state_->put(file_, text, room); }

bool output_queue::is_empty() const { return state_->is_empty(); }

bool output_queue::flush(std::optional<std::chrono::milliseconds> patience) const { return state_->flush(patience); }

int output_queue::error() const { return state_->error_of(file_); }

}
