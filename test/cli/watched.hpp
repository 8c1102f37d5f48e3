#pragma once

#include "account.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cli_test {

/// `doks kubeconfig watch` into `out()`, with more arguments.
inline launch watch(const account& team, std::vector<std::string> more)
{
    std::vector<std::string> arguments{"kubeconfig", "watch", "--out", team.out().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return team.command(std::move(arguments));
}

/// Within 20 s.
template <class Condition> bool comes_true(Condition holds)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

}
