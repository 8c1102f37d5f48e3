#include "kubeconfig/directory/kubeconfig_store.hpp"

#include "core/secret_text.hpp"
#include "kubeconfig/directory/stored_file.hpp"
#include "kubeconfig/read/check.hpp"
#include "kubeconfig/read/screen.hpp"

namespace doks::kube {

namespace {

constexpr auto lock_patience = std::chrono::seconds(10);
/// What clocks of machines that share a directory may differ by.
constexpr auto clock_skew = std::chrono::minutes(5);

using core::view;

provenance recorded(std::string_view id, const std::optional<index_record>& record)
{
    provenance from;
    from.cluster_id = id;
    if (!record) return from;
    from.expiry = record->expiry;
    from.expires_at = record->expires_at;
    from.expires_exactly = record->expires_exactly;
    from.info.request_id = record->request_id;
    return from;
}

private_directory opened(const std::filesystem::path& path)
{
    auto directory = private_directory::open(path);
    if (directory) return std::move(*directory);
    throw failure(*fault_of(errc::unusable_directory, "opening the kubeconfig directory", directory.error()));
}

}

disk_fault fault_of(boost::system::error_code cause, std::string operation, file_fault why, call_info info)
{
    failure_record record;
    record.code = cause;
    record.operation = std::move(operation);
    record.phase = "disk";
    record.info = std::move(info);
    record.detail = std::move(why.detail);
    record.remedy = std::move(why.remedy);
    return std::make_shared<const failure_record>(std::move(record));
}

kubeconfig_store::kubeconfig_store(const std::filesystem::path& path)
    : directory_(opened(path))
    , index_(directory_)
{
    descriptor lock;
    if (auto fault = locked(lock)) throw failure(*unusable(std::move(*fault)));
    directory_.remove_leftovers();
    if (auto fault = index_.compact_if_worth()) throw failure(*unusable(std::move(*fault)));
}

std::optional<file_fault> kubeconfig_store::locked(descriptor& lock) const
{
    auto held = directory_.lock(lock_patience);
    if (!held) return held.error();
    lock = std::move(*held);
    return index_.why_unusable();
}

disk_fault kubeconfig_store::unusable(file_fault fault) const
{
    return fault_of(errc::unusable_directory, "using the kubeconfig directory " + path().string(), std::move(fault));
}

file_result<std::optional<stored_kubeconfig>> kubeconfig_store::read(std::string_view id) const
{
    auto bytes = directory_.read(file_of(id), largest_kubeconfig);
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<stored_kubeconfig>();
    auto record = index_.find(id);
    if (record && record->digest != sha256(view(**bytes))) record.reset();
    auto from = recorded(id, record);
    return std::optional(stored_kubeconfig{doks::kubeconfig(std::move(**bytes), std::move(from)), std::move(record)});
}

std::optional<stored_kubeconfig> kubeconfig_store::find(std::string_view id) const
{
    if (!is_safe_segment(id)) return std::nullopt;
    auto found = read(id);
    return found ? std::move(*found) : std::nullopt;
}

std::optional<doks::kubeconfig> kubeconfig_store::get(std::string_view id) const
{
    auto found = find(id);
    return found ? std::optional(std::move(found->config)) : std::nullopt;
}

std::optional<stored_kubeconfig> kubeconfig_store::find_fresh(
    std::string_view id, std::chrono::steady_clock::duration margin) const
{
    auto found = find(id);
    if (!found || !found->record || names_other_cluster(found->config.bytes(), id)) return std::nullopt;
    const auto now = std::chrono::system_clock::now();
    // What was written in the future says that the clock is wrong, and with it whatever it says of an expiry.
    if (found->record->written_at > now + clock_skew) return std::nullopt;
    try {
        const auto expires = found->config.expires_at();
        if (!expires || *expires - now < margin) return std::nullopt;
    } catch (const failure&) {
        return std::nullopt;
    }
    return found;
}

disk_result<std::optional<doks::kubeconfig>> kubeconfig_store::usable(std::string_view id) const
{
    auto found = read(id);
    if (!found) return unusable(found.error());
    if (!*found) return std::optional<doks::kubeconfig>();
    const auto& held = **found;
    const auto file = (path() / file_of(id)).string();
    if (!held.record) return unusable({file + " is not as doks wrote it", "remove it, or fetch it again"});
    if (auto other = names_other_cluster(held.config.bytes(), id)) return unusable({file + ": " + *other, {}});
    return std::optional(held.config);
}

disk_result<std::optional<doks::kubeconfig>> kubeconfig_store::settled(std::string_view id) const
{
    if (!is_safe_segment(id)) return unusable({(path() / file_of(id)).string() + " is no file of doks", "remove it"});
    auto found = usable(id);
    if (found) return found;
    // A file stands there before its record does: whoever holds the lock is about to write that.
    const auto lock = directory_.lock(lock_patience);
    if (!lock) return unusable(lock.error());
    return usable(id);
}

disk_result<std::vector<std::string>> kubeconfig_store::ids() const
{
    const auto names = directory_.names();
    if (!names) return unusable(names.error());
    std::vector<std::string> found;
    for (const auto& name : *names)
        if (auto id = id_of(name); id && is_told_of(*id)) found.push_back(std::move(*id));
    return found;
}

disk_result<directory_contents> kubeconfig_store::contents(const std::optional<std::string>& label) const
{
    descriptor lock;
    if (auto fault = locked(lock)) return unusable(std::move(*fault));
    const auto names = directory_.names();
    if (!names) return unusable(names.error());
    directory_contents found;
    for (const auto& name : *names) {
        auto id = id_of(name);
        if (!id) continue;
        const auto record = is_safe_segment(*id) ? index_.find(*id) : std::nullopt;
        if (!record)
            found.foreign.push_back(name);
        else if (!label || record->label == *label)
            found.ids.push_back(std::move(*id));
    }
    return found;
}

}
