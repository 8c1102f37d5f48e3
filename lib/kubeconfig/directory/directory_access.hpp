#pragma once

#include "kubeconfig/directory/disk_worker.hpp"
#include "kubeconfig/directory/kubeconfig_store.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <memory>

namespace doks::kube {

/// The parts of a directory, for callers without coroutines, which share their ownership.
struct directory_access
{
    static std::shared_ptr<disk_worker> worker(const kubeconfig_directory& of);
    static std::shared_ptr<const kubeconfig_store> store(const kubeconfig_directory& of);
};

}
