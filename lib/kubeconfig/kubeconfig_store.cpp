#include "kubeconfig/kubeconfig_store.hpp"

#include "kubeconfig/check.hpp"
#include "kubeconfig/screen.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace doks::kube {

namespace {

constexpr auto lock_patience = std::chrono::seconds(10);
constexpr std::size_t largest_index = std::size_t(64) << 20;
const std::string index_name = "index.jsonl";

std::string_view view(const secret_bytes& bytes) { return {bytes.data(), bytes.size()}; }

std::string file_of(std::string_view id) { return std::string(id) + ".yaml"; }

bool is_safe_segment(std::string_view id) noexcept
{
    constexpr std::size_t longest = 200;
    if (id.empty() || id.size() > longest || id.front() == '.') return false;
    return std::all_of(id.begin(), id.end(), [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    });
}

std::string sha256(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc();
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 0xF];
    }
    return text;
}

put_outcome refused(errc cause, const put_job& job, std::string detail, std::string remedy = {})
{
    failure_record record;
    record.code = cause;
    record.operation = "storing the kubeconfig of " + (is_safe_segment(job.id) ? job.id : "a cluster");
    record.phase = "disk";
    record.info = job.config.info();
    record.detail = std::move(detail);
    record.remedy = std::move(remedy);
    return std::make_shared<const failure_record>(std::move(record));
}

put_outcome why_not_storable(const put_job& job)
{
    if (!is_safe_segment(job.id))
        return refused(errc::invalid_argument, job, "its id cannot be the name of a file", "use the cluster's UUID");
    if (auto other = names_other_cluster(job.config.bytes(), job.id)) return refused(errc::wrong_cluster, job, *other);
    return nullptr;
}

index_record describe(const put_job& job)
{
    index_record record;
    record.id = job.id;
    record.name = job.name;
    record.region = job.region;
    record.label = job.label;
    record.kind = to_string(job.config.kind());
    record.expires_at = job.config.expires_at();
    record.expires_exactly = job.config.expires_exactly();
    record.expiry = job.config.expiry();
    record.request_id = job.config.info().request_id;
    record.written_at = std::chrono::system_clock::now();
    record.digest = sha256(job.config.bytes());
    return record;
}

provenance recorded(std::string_view id, const index_record* record)
{
    provenance from;
    from.cluster_id = id;
    if (record == nullptr) return from;
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
    failure_record record;
    record.code = errc::unusable_directory;
    record.operation = "opening the kubeconfig directory";
    record.phase = "disk";
    record.detail = std::move(directory.error().detail);
    record.remedy = std::move(directory.error().remedy);
    throw failure(std::move(record));
}

}

struct kubeconfig_store::staged_put
{
    std::optional<staged_file> file;
    std::string line;
    put_outcome* outcome = nullptr;
};

kubeconfig_store::kubeconfig_store(const std::filesystem::path& path)
    : directory_(opened(path))
{
    const auto lock = directory_.lock(lock_patience);
    if (!lock) throw failure(unusable(lock.error()));
    directory_.remove_leftovers();
    load_index();
    if (!index_.worth_compacting()) return;
    auto file = directory_.stage(index_name, index_.compacted());
    if (!file) throw failure(unusable(file.error()));
    if (auto fault = directory_.publish(*file)) throw failure(unusable(std::move(*fault)));
    if (auto fault = directory_.sync()) throw failure(unusable(std::move(*fault)));
}

void kubeconfig_store::load_index()
{
    seen_ = directory_.stamp(index_name);
    const auto text = directory_.read(index_name, largest_index);
    if (!text) throw failure(unusable(text.error()));
    if (*text) index_ = index::read(view(**text));
    if (!index_.is_newer()) return;
    throw failure(unusable({(path() / index_name).string() + " was written by a newer version of doks",
        "use that version, or another directory"}));
}

std::vector<std::size_t> kubeconfig_store::damaged_index_lines() const
{
    const std::lock_guard guard(mutex_);
    return index_.damaged_lines();
}

failure_record kubeconfig_store::unusable(file_fault fault) const
{
    failure_record record;
    record.code = errc::unusable_directory;
    record.operation = "using the kubeconfig directory " + path().string();
    record.phase = "disk";
    record.detail = std::move(fault.detail);
    record.remedy = std::move(fault.remedy);
    return record;
}

put_outcome kubeconfig_store::stage(const put_job& job, staged_put& to) const
{
    if (auto fault = why_not_storable(job)) return fault;
    try {
        to.line = to_line(describe(job));
    } catch (const failure& unreadable) {
        return std::make_shared<const failure_record>(unreadable.record());
    }
    auto file = directory_.stage(file_of(job.id), job.config.bytes());
    if (!file) return std::make_shared<const failure_record>(unusable(file.error()));
    to.file.emplace(std::move(*file));
    return nullptr;
}

put_outcome kubeconfig_store::publish(std::span<staged_put> ready) const
{
    const auto lock = directory_.lock(lock_patience);
    if (!lock) return std::make_shared<const failure_record>(unusable(lock.error()));
    std::string lines;
    for (auto& put : ready) {
        if (auto fault = directory_.publish(*put.file)) {
            *put.outcome = std::make_shared<const failure_record>(unusable(std::move(*fault)));
        } else {
            lines += put.line;
        }
    }
    auto fault = directory_.sync();
    if (!fault && !lines.empty()) fault = directory_.append_lines(index_name, lines);
    return fault ? std::make_shared<const failure_record>(unusable(std::move(*fault))) : nullptr;
}

std::vector<put_outcome> kubeconfig_store::put(std::span<const put_job> jobs) const
{
    std::vector<put_outcome> outcomes(jobs.size());
    std::vector<staged_put> ready;
    ready.reserve(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        staged_put put;
        put.outcome = &outcomes[i];
        outcomes[i] = stage(jobs[i], put);
        if (!outcomes[i]) ready.push_back(std::move(put));
    }
    if (ready.empty()) return outcomes;
    if (const auto fault = publish(ready))
        for (auto& put : ready)
            if (!*put.outcome) *put.outcome = fault;
    return outcomes;
}

std::optional<index_record> kubeconfig_store::record_of(std::string_view id) const
{
    const std::lock_guard guard(mutex_);
    const auto now = directory_.stamp(index_name);
    if (now != seen_) {
        const auto text = directory_.read(index_name, largest_index);
        index_ = text && *text ? index::read(view(**text)) : index();
        seen_ = now;
    }
    const index_record* found = index_.is_newer() ? nullptr : index_.find(id);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<kubeconfig_store::stored> kubeconfig_store::find(std::string_view id) const
{
    if (!is_safe_segment(id)) return std::nullopt;
    auto bytes = directory_.read(file_of(id), largest_kubeconfig);
    if (!bytes || !*bytes) return std::nullopt;
    const auto record = record_of(id);
    const bool matches = record && record->digest == sha256(view(**bytes));
    auto from = recorded(id, matches ? &*record : nullptr);
    return stored{doks::kubeconfig(std::move(**bytes), std::move(from)), matches};
}

std::optional<doks::kubeconfig> kubeconfig_store::get(std::string_view id) const
{
    auto found = find(id);
    return found ? std::optional(std::move(found->config)) : std::nullopt;
}

std::optional<doks::kubeconfig> kubeconfig_store::fresh(
    const std::string& id, std::chrono::steady_clock::duration margin) const
{
    auto found = find(id);
    if (!found || !found->recorded || names_other_cluster(found->config.bytes(), id)) return std::nullopt;
    try {
        const auto expires = found->config.expires_at();
        if (!expires || *expires - std::chrono::system_clock::now() < margin) return std::nullopt;
    } catch (const failure&) {
        return std::nullopt;
    }
    return std::move(found->config);
}

}
