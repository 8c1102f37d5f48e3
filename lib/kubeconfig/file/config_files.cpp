#include "kubeconfig/file/config_files.hpp"

#include <algorithm>
#include <set>

namespace doks::kube {

void refuse(std::string_view operation, errc cause, std::string detail, std::string remedy, std::string_view phase)
{
    failure_record record;
    record.code = cause;
    record.operation = operation;
    record.phase = phase;
    record.detail = std::move(detail);
    record.remedy = std::move(remedy);
    throw failure(std::move(record));
}

config_files::config_files(const std::vector<std::filesystem::path>& paths, std::string_view operation)
    : operation_(operation)
{
    for (const auto& path : paths) {
        auto file = config_file::at(path);
        if (!file) fail(file.error());
        files_.push_back(std::move(*file));
    }
    const auto found =
        std::find_if(files_.begin(), files_.end(), [](const config_file& file) { return file.exists(); });
    target_ = found == files_.end() ? files_.size() - 1 : static_cast<std::size_t>(found - files_.begin());
}

void config_files::fail(file_error why) const
{
    fail(errc::unusable_kubeconfig_file, std::move(why.detail), std::move(why.remedy));
}

void config_files::fail(const config_file& file, const parse_error& why) const
{
    fail(errc::not_a_kubeconfig, file.named().string() + ": " + why.reason,
        "correct it, or name another kubeconfig; nothing was changed");
}

std::vector<lock_file> config_files::lock(std::chrono::milliseconds patience) const
{
    std::vector<std::filesystem::path> wanted;
    for (std::size_t number = 0; number < files_.size(); ++number) {
        const auto& file = files_[number];
        if (number != target() && !file.exists()) continue;
        if (const auto directory = file.open_directory(); !directory) {
            // One that is only read need not be ours.
            if (number == target()) fail(directory.error());
            continue;
        }
        wanted.push_back(config_file::place_of(file.named()));
        wanted.push_back(config_file::place_of(file.real()));
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    std::vector<lock_file> held;
    const auto until = std::chrono::steady_clock::now() + patience;
    for (const auto& path : wanted) {
        auto lock = lock_file::take(path, until);
        if (!lock && is_locked(lock.error()))
            fail(errc::kubeconfig_locked, std::move(lock.error().detail), std::move(lock.error().remedy));
        if (!lock) fail(lock.error());
        held.push_back(std::move(*lock));
    }
    return held;
}

kubeconfig_set config_files::read() const
{
    std::vector<kubeconfig_document> documents;
    std::set<std::filesystem::path> known;
    for (const auto& file : files_) {
        auto bytes = file.read();
        if (!bytes) fail(bytes.error());
        // A file that the list names twice has nothing to add.
        const bool is_new = known.insert(config_file::place_of(file.real())).second;
        auto document = kubeconfig_document::read(*bytes && is_new ? std::move(**bytes) : secret_bytes());
        if (!document) fail(file, document.error());
        documents.push_back(std::move(*document));
    }
    return {std::move(documents), target()};
}

std::vector<std::filesystem::path> config_files::write(const kubeconfig_set& changed) const
{
    struct change
    {
        const config_file* file;
        secret_bytes text;
        private_directory directory;
        staged_file staged;
    };
    std::vector<change> changes;
    for (std::size_t number = 0; number < files_.size(); ++number) {
        if (!changed.file(number).is_changed()) continue;
        const auto& file = files_[number];
        auto text = changed.file(number).text();
        if (!text) fail(file, text.error());
        auto directory = file.open_directory();
        if (!directory) fail(directory.error());
        directory->remove_leftovers(file.name());
        auto staged = directory->stage(file.name(), {text->data(), text->size()}, file_rights::as_before);
        if (!staged) fail(staged.error());
        changes.push_back({&file, std::move(*text), std::move(*directory), std::move(*staged)});
    }
    std::vector<std::filesystem::path> written;
    for (auto& each : changes) {
        auto fault = each.directory.publish(each.staged);
        if (fault && fault->code == boost::system::errc::device_or_resource_busy)
            fault = each.file->overwrite({each.text.data(), each.text.size()});
        if (fault) fail(std::move(*fault));
        written.push_back(each.file->named());
    }
    for (auto& each : changes)
        if (auto fault = each.directory.sync()) fail(std::move(*fault));
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
