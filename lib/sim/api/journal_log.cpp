#include "sim/api/journal_log.hpp"

#include "sim/dates.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace doks::sim {

namespace {

constexpr std::size_t most_entries = 200'000;
constexpr std::size_t longest_path = 300;

int open_private(const std::string& path)
{
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) throw std::system_error(errno, std::generic_category(), "journal file '" + path + "'");
    if (::fchmod(file, 0600) == 0) return file;
    int error = errno;
    ::close(file);
    throw std::system_error(error, std::generic_category(), "journal file '" + path + "'");
}

instant to_instant(std::chrono::system_clock::time_point at)
{
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(at);
}

}

journal_log::journal_log(const std::string& path)
{
    if (!path.empty()) file_ = open_private(path);
}

journal_log::~journal_log()
{
    if (file_ >= 0) ::close(file_);
}

void journal_log::request_begun()
{
    ++in_flight_;
    counts_.max_in_flight = std::max(counts_.max_in_flight, in_flight_);
}

void journal_log::record(journal_entry entry, bool of_kubeconfig, bool throttled)
{
    if (entry.path.size() > longest_path) entry.path.resize(longest_path);
    ++counts_.requests;
    counts_.throttled += throttled;
    if (of_kubeconfig) ++counts_.kubeconfig_requests, ++counts_.kubeconfig_requests_by_cluster[entry.cluster];
    if (!entry.fault.empty()) ++counts_.faults[entry.fault];
    if (file_ >= 0) {
        boost::json::object line{{"event", "request"}, {"at", rfc3339(to_instant(entry.at))},
            {"connection", entry.connection}, {"method", entry.method}, {"path", entry.path},
            {"cluster", entry.cluster}, {"token", entry.token}, {"status", entry.status}, {"fault", entry.fault},
            {"counted", entry.counted}, {"minted", entry.minted}, {"request_id", entry.request_id}};
        write(boost::json::serialize(line));
    }
    entries_.push_back(std::move(entry));
    if (entries_.size() > most_entries) entries_.pop_front();
}

void journal_log::record_mint(
    const journal_entry& entry, std::string_view cluster, std::string_view form, instant expires)
{
    ++counts_.minted;
    ++counts_.minted_by_cluster[std::string(cluster)];
    if (file_ < 0) return;
    boost::json::object line{{"event", "mint"}, {"at", rfc3339(to_instant(entry.at))}, {"connection", entry.connection},
        {"cluster", cluster}, {"token", entry.token}, {"form", form}, {"expires_at", rfc3339(expires)},
        {"request_id", entry.request_id}};
    write(boost::json::serialize(line));
}

void journal_log::write(std::string line)
{
    line += '\n';
    std::string_view left = line;
    while (!left.empty()) {
        ssize_t written = ::write(file_, left.data(), left.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        left.remove_prefix(static_cast<std::size_t>(written));
    }
}

}
