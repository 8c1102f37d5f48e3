#include "kubeconfig/file/config_files.hpp"

#include <boost/system/errc.hpp>

#include <algorithm>
#include <set>

namespace doks::kube {

namespace {

/// The system's code says too little to a caller: what matters is that the file cannot be used.
file_error unusable_file(file_error error)
{
    error.code = errc::unusable_kubeconfig_file;
    return error;
}

file_error unreadable(const config_file& file, const parse_error& error)
{
    return {errc::not_a_kubeconfig, file.named().string() + ": " + error.reason,
        "correct it, or name another kubeconfig; nothing was changed"};
}

/// A caller may wait for a lock, but not for any other error.
file_error not_locked(file_error error)
{
    if (is_cancelled(error)) return error;
    if (!is_locked(error)) return unusable_file(std::move(error));
    error.code = errc::kubeconfig_locked;
    return error;
}

}

/// A file on its way to the disk.
struct config_files::change
{
    const config_file* file;
    secret_bytes text;
    private_directory directory;
    staged_file staged;
};

file_result<config_files> config_files::open(const std::vector<std::filesystem::path>& paths)
{
    config_files made;
    for (const auto& path : paths) {
        auto file = config_file::at(path);
        if (!file) return unusable_file(file.error());
        made.files_.push_back(std::move(*file));
    }
    const auto& files = made.files_;
    const auto found = std::find_if(files.begin(), files.end(), [](const config_file& file) { return file.exists(); });
    made.target_ = found == files.end() ? files.size() - 1 : static_cast<std::size_t>(found - files.begin());
    return made;
}

/// Sorted, so that two processes with different lists never wait for each other. Both names of a link are locked,
/// since kubectl locks the one that it was given.
file_result<std::vector<std::filesystem::path>> config_files::places_to_lock() const
{
    std::vector<std::filesystem::path> places;
    for (std::size_t number = 0; number < files_.size(); ++number) {
        const auto& file = files_[number];
        if (number != target() && !file.exists()) continue;
        if (const auto directory = file.open_directory(); !directory) {
            // One that is only read need not be ours.
            if (number == target()) return unusable_file(directory.error());
            continue;
        }
        places.push_back(config_file::place_of(file.named()));
        places.push_back(config_file::place_of(file.real()));
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
}

file_result<std::vector<lock_file>> config_files::lock(
    std::chrono::milliseconds patience, const std::stop_token& stop) const
{
    const auto places = places_to_lock();
    if (!places) return places.error();
    std::vector<lock_file> held;
    const auto until = std::chrono::steady_clock::now() + patience;
    for (const auto& path : *places) {
        auto lock = lock_file::take(path, until, stop);
        if (!lock) return not_locked(lock.error());
        held.push_back(std::move(*lock));
    }
    return held;
}

file_result<kubeconfig_set> config_files::read(std::vector<kubeconfig_document> known) const
{
    std::vector<kubeconfig_document> documents;
    std::set<std::filesystem::path> places;
    for (std::size_t number = 0; number < files_.size(); ++number) {
        const auto& file = files_[number];
        auto bytes = file.read();
        if (!bytes) return unusable_file(bytes.error());
        // A file that the list names twice has nothing to add.
        const bool is_new = places.insert(config_file::place_of(file.real())).second;
        auto text = *bytes && is_new ? std::move(**bytes) : secret_bytes();
        if (number < known.size() && known[number].is_same_as({text.data(), text.size()})) {
            documents.push_back(std::move(known[number]));
            continue;
        }
        auto document = kubeconfig_document::read(std::move(text));
        if (!document) return unreadable(file, document.error());
        documents.push_back(std::move(*document));
    }
    return kubeconfig_set(std::move(documents), target());
}

/// Everything that can fail without a change of the file happens here: the text, its file beside the old one, the
/// sync.
file_result<config_files::change> config_files::staged(
    const config_file& file, const kubeconfig_document& document) const
{
    auto text = document.text();
    if (!text) return unreadable(file, text.error());
    auto directory = file.open_directory();
    if (!directory) return unusable_file(directory.error());
    directory->remove_leftovers(file.name());
    auto staged = directory->stage(file.name(), {text->data(), text->size()}, file_rights::as_before);
    if (!staged) return unusable_file(staged.error());
    return change{&file, std::move(*text), std::move(*directory), std::move(*staged)};
}

/// All files are staged before the first one is replaced, so that a full disk changes none of them.
file_result<std::vector<std::filesystem::path>> config_files::write(const kubeconfig_set& changed) const
{
    std::vector<change> changes;
    for (std::size_t number = 0; number < files_.size(); ++number) {
        if (!changed.file(number).is_changed()) continue;
        auto next = staged(files_[number], changed.file(number));
        if (!next) return next.error();
        changes.push_back(std::move(*next));
    }
    std::vector<std::filesystem::path> written;
    for (auto& each : changes) {
        auto error = each.directory.publish(each.staged);
        const bool is_mount = error && error->code == boost::system::errc::device_or_resource_busy;
        if (is_mount) error = each.file->overwrite({each.text.data(), each.text.size()});
        if (error) return unusable_file(std::move(*error));
        written.push_back(each.file->named());
    }
    for (auto& each : changes)
        if (auto error = each.directory.sync()) return unusable_file(std::move(*error));
    return written;
}

std::vector<std::string> config_files::exposure() const
{
    std::vector<std::string> all;
    for (const auto& file : files_)
        if (file.exists())
            for (auto& each : file.exposure())
                if (std::find(all.begin(), all.end(), each) == all.end()) all.push_back(std::move(each));
    return all;
}

std::vector<file_stamp> config_files::stamps() const
{
    std::vector<file_stamp> all;
    for (const auto& file : files_) all.push_back(file.stamp());
    return all;
}

}
