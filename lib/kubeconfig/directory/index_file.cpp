#include "kubeconfig/directory/index_file.hpp"

#include "core/secret_text.hpp"

namespace doks::kube {

namespace {

constexpr std::size_t largest_index = std::size_t(64) << 20;
const std::string name = "index.jsonl";

using core::view;

}

/// By its stamp, so that a look costs one system call while nothing changes.
std::optional<file_error> index_file::refresh()
{
    const auto now = directory_.stamp(name);
    if (now == seen_ && !error_) return std::nullopt;
    seen_ = now;
    const auto text = directory_.read(name, largest_index);
    index_ = text && *text ? index::read(view(**text)) : index();
    error_.reset();
    if (!text) error_ = text.error();
    if (index_.is_newer())
        error_ = not_usable((directory_.path() / name).string() + " was written by a newer version of doks",
            "use that version, or another directory");
    return error_;
}

std::optional<index_record> index_file::find(std::string_view id)
{
    const std::lock_guard guard(mutex_);
    if (refresh()) return std::nullopt;
    const index_record* found = index_.find(id);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::vector<std::size_t> index_file::damaged_lines() const
{
    const std::lock_guard guard(mutex_);
    return index_.damaged_lines();
}

std::optional<file_error> index_file::why_unusable()
{
    const std::lock_guard guard(mutex_);
    return refresh();
}

std::vector<std::string> index_file::ids()
{
    const std::lock_guard guard(mutex_);
    refresh();
    return index_.ids();
}

std::optional<file_error> index_file::append(std::string_view lines)
{
    if (lines.empty()) return std::nullopt;
    // Readers are not kept waiting while the disk works, so what is known is copied, or taken over afterwards.
    std::unique_lock guard(mutex_);
    if (auto error = refresh()) return error;
    const auto before = seen_;
    if (index_.worth_compacting()) {
        index grown = index_;
        guard.unlock();
        grown.add(lines);
        // It only saves space: where there is none for a second file, there may be some for a line.
        if (!replace(grown.compacted())) return std::nullopt;
    } else {
        guard.unlock();
    }
    if (auto error = directory_.append_lines(name, lines)) return error;
    guard.lock();
    if (seen_ != before) return std::nullopt;
    index_.add(lines);
    seen_ = directory_.stamp(name);
    return std::nullopt;
}

std::optional<file_error> index_file::compact_if_worth()
{
    std::unique_lock guard(mutex_);
    if (auto error = refresh()) return error;
    if (!index_.worth_compacting()) return std::nullopt;
    const auto text = index_.compacted();
    guard.unlock();
    return replace(text);
}

std::optional<file_error> index_file::replace(const std::string& text)
{
    auto file = directory_.stage(name, text);
    if (!file) return file.error();
    if (auto error = directory_.publish(*file)) return error;
    return directory_.sync();
}

}
