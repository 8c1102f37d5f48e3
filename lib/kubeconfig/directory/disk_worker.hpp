#pragma once

#include "kubeconfig/directory/kubeconfig_store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <thread>

namespace doks::kube {

class change_listener;

/// What could not be done for want of memory.
const file_error& out_of_memory();

/** The thread on which a directory waits for the disk.

    Shape: everything is done in the order in which it was given; puts that follow each other while it is busy are
    written together in the next round. What happens in the directory is told between two rounds. Functions that are
    given are called on the worker's thread; they must not throw, and everything else waits for them. Destroying it does
    what was given before, and waits for that.
    Threads: any.
*/
class disk_worker
{
public:
    /// Throws `failure` with `unusable_directory`.
    explicit disk_worker(std::shared_ptr<const kubeconfig_store> store);
    disk_worker(const disk_worker&) = delete;
    disk_worker& operator=(const disk_worker&) = delete;
    ~disk_worker();

    /// `done` is called once the file would survive a loss of power, or could not be written.
    void put(put_job job, std::function<void(std::optional<file_error>)> done);
    void run(std::function<void()> work);
    /// Tells it what is in the directory, and from then on what any process changes there.
    void tell(std::weak_ptr<change_listener> who);

private:
    class queue;

    std::shared_ptr<queue> queue_;
    std::thread thread_;
};

}
