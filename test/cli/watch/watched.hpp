#pragma once

#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace cli_test {

/// `doks kubeconfig watch` into `out()`, with more arguments.
inline launch watch(const account& team, std::vector<std::string> more)
{
    std::vector<std::string> arguments{"kubeconfig", "watch", "--out", team.out().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return team.command(std::move(arguments));
}

/// The kubeconfig of a cluster in `out()`.
inline std::filesystem::path file_of(const account& team, const std::string& id) { return team.out() / (id + ".yaml"); }

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

/// What readers of a directory find: they open every file all the time, as users of kubectl do.
class readers
{
public:
    readers(const account& of, std::vector<std::string> ids)
        : team_(of)
        , ids_(std::move(ids))
        , thread_([this] { read(); })
    {}
    ~readers() { stop(); }
    void stop()
    {
        done_ = true;
        if (thread_.joinable()) thread_.join();
    }

    std::size_t opened = 0, missing = 0, torn = 0, expired = 0;

private:
    void read()
    {
        for (std::size_t i = 0; !done_; ++i) {
            const auto& id = ids_[i % ids_.size()];
            const auto text = content(team_.out() / (id + ".yaml"));
            ++opened;
            const auto key = text.find("token: ");
            if (text.empty())
                ++missing;
            else if (!text.ends_with('\n') || key == std::string::npos || text.find(id) == std::string::npos)
                ++torn;
            else
                expired += team_.api.cluster_of(text.substr(key + 7, text.find('\n', key) - key - 7)) != id;
        }
    }

    const account& team_;
    const std::vector<std::string> ids_;
    std::atomic<bool> done_ = false;
    std::thread thread_;
};

/// A service manager's end of NOTIFY_SOCKET.
class manager
{
public:
    explicit manager(const std::string& path)
    {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        path.copy(at.sun_path, sizeof at.sun_path - 1);
        REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    }
    manager(const manager&) = delete;
    ~manager() { ::close(fd_); }

    /// Everything that was said until now.
    std::string heard()
    {
        char text[4096];
        for (ssize_t size; (size = ::recv(fd_, text, sizeof text, MSG_DONTWAIT)) > 0;)
            all_.append(text, static_cast<std::size_t>(size)).append("\n");
        return all_;
    }
    void wait_for(const std::string& text)
    {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (heard().find(text) == std::string::npos) {
            REQUIRE(std::chrono::steady_clock::now() < until);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

private:
    int fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    std::string all_;
};

}
