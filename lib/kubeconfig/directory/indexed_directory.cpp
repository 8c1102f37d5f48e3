#include "kubeconfig/directory/indexed_directory.hpp"

#include "core/secret_text.hpp"
#include "kubeconfig/directory/stored_file.hpp"
#include "kubeconfig/read/text_precheck.hpp"

#include <chrono>
#include <utility>

namespace doks::kube {

namespace {

/// What clocks of machines that share a directory may differ by.
constexpr auto clock_skew = std::chrono::minutes(5);

using core::view;

kubeconfig_metadata recorded(std::string_view id, const std::optional<index_record>& record)
{
    kubeconfig_metadata from;
    from.cluster_id = id;
    if (!record) return from;
    from.expiry = record->expiry;
    from.expires_at = record->expires_at;
    from.expires_exactly = record->expires_exactly;
    from.info.request_id = record->request_id;
    return from;
}

}

std::optional<std::chrono::nanoseconds> time_left(
    const stored_kubeconfig& stored, std::chrono::system_clock::time_point now)
{
    const auto& record = stored.record;
    if (!record || !record->expires_at || record->written_at > now + clock_skew) return std::nullopt;
    return *record->expires_at - now;
}

file_error unusable(file_error error)
{
    error.code = errc::unusable_directory;
    return error;
}

file_error no_file_name()
{
    return {errc::invalid_argument, "its id cannot be the name of a file", "use the cluster's UUID"};
}

file_result<descriptor> indexed_directory::lock(std::chrono::steady_clock::duration patience) const
{
    auto lock = files_.lock(patience);
    if (!lock) return lock;
    if (auto error = index_.why_unusable()) return *error;
    return lock;
}

file_result<std::optional<stored_kubeconfig>> indexed_directory::read(std::string_view id) const
{
    auto bytes = files_.read(file_of(id), largest_kubeconfig);
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<stored_kubeconfig>();
    auto record = index_.find(id);
    if (record && record->digest != sha256(view(**bytes))) record.reset();
    auto from = recorded(id, record);
    return std::optional(stored_kubeconfig{doks::kubeconfig(std::move(**bytes), std::move(from)), std::move(record)});
}

file_result<file_owner> indexed_directory::owner_of(std::string_view id) const
{
    if (!is_safe_segment(id)) return file_owner::foreign;
    const auto held = read(id);
    if (!held && is_irregular(held.error())) return file_owner::foreign;
    if (!held) return held.error();
    if (!*held) return file_owner::none;
    return (*held)->record ? file_owner::doks : file_owner::foreign;
}

}
