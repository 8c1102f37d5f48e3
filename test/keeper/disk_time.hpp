#pragma once

#include "kubeconfig/directory/directory_access.hpp"
#include "support/virtual_world.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <future>

namespace doks::test {

/// Runs every handler that is ready, those from the directory's thread included; no time passes.
inline void settle(virtual_world& world, const kubeconfig_directory* directory)
{
    const auto run = [&] {
        world.context.restart();
        return world.context.poll();
    };
    run();
    do {
        if (directory == nullptr) continue;
        std::promise<void> done;
        kube::directory_access::worker(*directory)->run([&] { done.set_value(); });
        done.get_future().wait();
    } while (run() != 0);
}

/// Virtual time goes on only once the directory's thread has done what it was given.
inline void run_with(virtual_world& world, const kubeconfig_directory* directory, core::duration how_long)
{
    const auto end = world.time->steady_now() + how_long;
    world.time->at(end, [] {});
    do {
        settle(world, directory);
    } while (world.time->steady_now() < end && world.time->advance());
    settle(world, directory);
}

}
