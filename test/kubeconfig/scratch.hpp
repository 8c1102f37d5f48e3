#pragma once

#include "kubeconfig/samples.hpp"
#include "support/scratch.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

// Files and directories of a test, and calls that run a coroutine to its end.

using scratch = doks::test::scratch_folder;
using doks::test::content;

/// Where a sync costs nothing, if there is such a place: for tests that do it hundreds of times.
inline std::filesystem::path in_memory()
{
    constexpr const char* shared = "/dev/shm";
    return ::access(shared, W_OK | X_OK) == 0 ? shared : std::filesystem::temp_directory_path();
}

inline void write(const std::filesystem::path& file, std::string_view text)
{
    std::ofstream(file, std::ios::binary) << text;
}

inline unsigned mode_of(const std::filesystem::path& file)
{
    struct stat about
    {};
    return ::lstat(file.c_str(), &about) == 0 ? about.st_mode & 07777u : 0;
}

/// In order.
inline std::vector<std::string> names_in(const std::filesystem::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

/// A UUID for each number.
inline std::string uuid(unsigned number)
{
    const std::string digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// An outcome of a bulk, as it is put into a directory.
inline doks::bulk_item item_of(const std::string& id, std::string_view text, std::chrono::seconds expiry = {},
    std::chrono::system_clock::time_point requested_at = std::chrono::system_clock::now())
{
    doks::kubeconfig_metadata from;
    from.cluster_id = id;
    from.requested_at = requested_at;
    from.expiry = expiry;
    from.info.request_id = "request-" + id.substr(0, 8);
    doks::bulk_item item;
    item.cluster.id = id;
    item.cluster.name = "blue";
    item.cluster.region = "nyc1";
    item.label = "team-a";
    item.outcome = doks::kubeconfig(text, from);
    return item;
}

inline doks::bulk_item token_item(const std::string& id, std::chrono::seconds expiry = {})
{
    return item_of(id, sample::with_token(id), expiry);
}

/// Runs a coroutine to its end and throws what it threw.
inline void run(boost::asio::awaitable<void> work)
{
    boost::asio::io_context context;
    std::exception_ptr thrown;
    bool completed = false;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) {
        thrown = error;
        completed = true;
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    if (!completed) throw std::logic_error("run() returned before the coroutine was over");
}

/// The failure of opening a directory or of a put; a failure without a code if there was none.
template <class Action> doks::failure failure_of(Action action)
{
    try {
        action();
    } catch (const doks::failure& why) {
        return why;
    }
    return {};
}

inline doks::failure opening(const std::filesystem::path& path)
{
    return failure_of([&] { doks::kubeconfig_directory{path}; });
}
