#include "cli/output_queue.hpp"

#include "async/blocked_signals.hpp"

#include <doks/secret.hpp>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace doks::cli {

namespace {

/// 0, or why it could not be written. A descriptor that does not block is waited for.
int write_all(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd waited{file, POLLOUT, 0};
            ::poll(&waited, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

}

/// What waits to be written to one file.
class output_queue::state : public std::enable_shared_from_this<state>
{
public:
    bool put(int file, std::string_view text, std::size_t room)
    {
        const std::lock_guard lock(mutex_);
        if (errors_.contains(file)) return true;
        if (waiting_ + text.size() > room) return false;
        if (!is_running_) {
            const async::blocked_signals blocked;
            std::thread([self = shared_from_this()] { self->run(); }).detach();
            is_running_ = true;
        }
        texts_.push_back({file, {text.begin(), text.end()}});
        waiting_ += text.size();
        changed_.notify_all();
        return true;
    }

    bool is_empty() const
    {
        const std::lock_guard lock(mutex_);
        return waiting_ == 0;
    }

    bool flush(std::optional<std::chrono::milliseconds> patience) const
    {
        const auto is_done = [this] { return waiting_ == 0; };
        std::unique_lock lock(mutex_);
        if (patience) return changed_.wait_for(lock, *patience, is_done);
        changed_.wait(lock, is_done);
        return true;
    }

    int error_of(int file) const
    {
        const std::lock_guard lock(mutex_);
        const auto found = errors_.find(file);
        return found == errors_.end() ? 0 : found->second;
    }

private:
    struct item
    {
        int file;
        secret_bytes text;
    };

    void run()
    {
        for (std::unique_lock lock(mutex_);;) {
            changed_.wait(lock, [this] { return !texts_.empty(); });
            const auto next = std::move(texts_.front());
            texts_.pop_front();
            const bool is_wanted = !errors_.contains(next.file);
            lock.unlock();
            const int error = is_wanted ? write_all(next.file, {next.text.data(), next.text.size()}) : 0;
            lock.lock();
            if (error != 0) errors_.emplace(next.file, error);
            waiting_ -= next.text.size();
            if (waiting_ == 0) changed_.notify_all();
        }
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::deque<item> texts_;
    std::size_t waiting_ = 0; ///< bytes, of what is being written too
    std::map<int, int> errors_;
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
