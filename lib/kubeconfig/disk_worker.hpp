#pragma once

#include "kubeconfig/kubeconfig_store.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <thread>

namespace doks::kube {

/** The thread on which a directory waits for the disk.

    Shape: what is put while it is busy is written together in the next round. Destroying it writes what was put before,
    and waits for that.
    Threads: any.
*/
class disk_worker
{
public:
    explicit disk_worker(std::shared_ptr<const kubeconfig_store> store);
    disk_worker(const disk_worker&) = delete;
    disk_worker& operator=(const disk_worker&) = delete;
    ~disk_worker();

    /// Completes on the caller's executor, which has work until then.
    boost::asio::awaitable<put_outcome> put(put_job job);

private:
    class queue;

    std::shared_ptr<queue> queue_;
    std::thread thread_;
};

}
