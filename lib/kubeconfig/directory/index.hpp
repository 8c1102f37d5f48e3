#pragma once

#include "kubeconfig/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::kube {

/// What is known of a stored kubeconfig beyond its bytes; no secret is part of it.
struct index_record
{
    std::string id;
    std::string name;
    std::string region;
    std::string label;
    std::string kind;
    std::optional<std::chrono::system_clock::time_point> expires_at;
    bool expires_exactly = false;
    std::chrono::seconds expiry{0};
    std::string request_id;
    std::chrono::system_clock::time_point written_at{};
    /// SHA-256 of the file that this record is about; with another file it says nothing.
    std::string digest;
};

/// The line that says that an id has no file any more.
std::string removal_line(std::string_view id, std::chrono::system_clock::time_point when);

enum class line_fault
{
    damaged,
    newer_version
};

/// One line of JSON with its line end.
std::string to_line(const index_record& record);
boost::system::result<index_record, line_fault> from_line(std::string_view line);

/** The records of a directory, the last one of each id.

    Read from JSON Lines; a last line that a crash has cut short is nothing to speak of, other lines that cannot
    be read are skipped and their numbers kept.
*/
class index
{
public:
    static index read(std::string_view text);

    /// More lines, as they stand after those that it was read from.
    void add(std::string_view text);

    const index_record* find(std::string_view id) const;
    std::vector<std::string> ids() const;
    /// Numbers of the lines that could not be read, from 1 on.
    const std::vector<std::size_t>& damaged_lines() const noexcept { return damaged_; }
    /// A line is of a later version of doks.
    bool is_newer() const noexcept { return newer_; }
    /// More than twice as many lines as records, and enough of them to matter.
    bool worth_compacting() const noexcept;
    /// The text that has each record once.
    std::string compacted() const;

private:
    void take(std::string_view line, bool whole);

    std::map<std::string, index_record, std::less<>> records_;
    std::vector<std::size_t> damaged_;
    std::size_t lines_ = 0;
    bool newer_ = false;
};

}
