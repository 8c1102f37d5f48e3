#pragma once

#include "cli/account.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

namespace cli_test {

/// `doks credential` for a cluster of this account, with more arguments.
inline launch plugin(const account& team, const std::string& id, std::vector<std::string> more = {})
{
    more.insert(more.begin(), {"credential", id});
    return team.command(std::move(more));
}

/// The ExecCredential; fails the test unless it is one line of JSON and nothing else.
inline boost::json::object answer_of(const finished& ended)
{
    INFO(ended.err);
    REQUIRE(ended.status == 0);
    REQUIRE(count_of(ended.out, "\n") == 1);
    return boost::json::parse(ended.out).as_object();
}

inline std::string token_of(const finished& ended)
{
    return std::string(answer_of(ended).at("status").as_object().at("token").as_string());
}

/// The files of this name below the account's cache.
inline std::vector<std::filesystem::path> cached(const account& team, const std::string& name)
{
    std::vector<std::filesystem::path> found;
    std::error_code none;
    for (const auto& each : std::filesystem::recursive_directory_iterator(team.path(".cache"), none))
        if (each.path().filename() == name) found.push_back(each.path());
    return found;
}

/// A process that mints, as the others see it.
class lock_holder
{
public:
    explicit lock_holder(const std::filesystem::path& file)
        : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
    {
        REQUIRE(::flock(fd_, LOCK_EX | LOCK_NB) == 0);
    }
    lock_holder(const lock_holder&) = delete;
    lock_holder& operator=(const lock_holder&) = delete;
    ~lock_holder() { ::close(fd_); }

private:
    int fd_;
};

}
