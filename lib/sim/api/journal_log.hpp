#pragma once

#include "sim/timeline.hpp"

#include <doks/sim/journal.hpp>

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace doks::sim {

/** Stores and counts the received requests, and writes them to a file if there is one.

    Protected by the mutex of the shared state, which owns it. It holds no secret: its callers pass labels of tokens.
*/
class journal_log
{
public:
    /** An empty path is no file. Errors: std::system_error that names the path. */
    explicit journal_log(const std::string& path);
    ~journal_log();

    journal_log(const journal_log&) = delete;
    journal_log& operator=(const journal_log&) = delete;

    void connection_opened() { ++counts_.connections, ++counts_.open_connections; }
    void connection_closed() { --counts_.open_connections; }
    void count_connection_fault(std::string_view fault) { ++counts_.faults[std::string(fault)]; }
    void request_begun();
    void request_ended() { --in_flight_; }

    void record(journal_entry entry, bool of_kubeconfig, bool throttled);
    void record_mint(const journal_entry& entry, std::string_view cluster, std::string_view form, instant expires);

    const journal_counts& counts() const { return counts_; }
    std::vector<journal_entry> entries() const { return {entries_.begin(), entries_.end()}; }

private:
    void write(std::string line);

    int file_ = -1;
    std::size_t in_flight_ = 0;
    journal_counts counts_;
    std::deque<journal_entry> entries_;
};

}
