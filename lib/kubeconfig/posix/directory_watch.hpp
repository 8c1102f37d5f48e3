#pragma once

#include "kubeconfig/posix/private_directory.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace doks::kube {

/// What happened in a directory since it was last asked about.
struct directory_news
{
    std::set<std::string> names;
    bool everything = false; ///< the kernel could not keep up, and names are missing
    bool moved = false;      ///< the directory itself was moved away or removed
};

/// Hears from the kernel what any process creates, finishes writing, renames or removes in a directory.
class directory_watch
{
public:
    static file_result<directory_watch> open(const std::filesystem::path& directory);

    /// Does not wait.
    directory_news read() const;
    int handle() const noexcept { return queue_.get(); }

private:
    explicit directory_watch(descriptor queue)
        : queue_(std::move(queue))
    {}

    descriptor queue_;
};

/// Where one thread sleeps until another one rings, or a directory has news.
class doorbell
{
public:
    static file_result<doorbell> open();

    void ring() const noexcept;
    /// Returns at once if it was rung since the last wait. `also` may be null.
    void wait(const directory_watch* also) const noexcept;

private:
    explicit doorbell(descriptor bell)
        : bell_(std::move(bell))
    {}

    descriptor bell_;
};

}
