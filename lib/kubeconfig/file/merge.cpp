#include "kubeconfig/file/config_files.hpp"
#include "kubeconfig/file/merger.hpp"
#include "kubeconfig/file/operations.hpp"
#include "kubeconfig/read/server_key.hpp"
#include "kubeconfig/read/text_precheck.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace doks::kube {

namespace {

std::optional<file_error> why_invalid(std::span<const kubeconfig> configs, const merge_options& options)
{
    if (options.alias.empty()) return std::nullopt;
    if (configs.size() > 1)
        return file_error{
            errc::invalid_argument, "an alias was given for several kubeconfigs", "merge them one by one"};
    if (!is_printable(options.alias))
        return file_error{errc::invalid_argument, "the alias holds control characters", "choose another one"};
    return std::nullopt;
}

file_error error_of(const kubeconfig& config, std::size_t number, file_error error)
{
    const auto name = config.cluster_id().empty() ? "kubeconfig " + std::to_string(number)
                                                  : "the kubeconfig of " + config.cluster_id();
    error.detail = name + ": " + error.detail;
    if (error.code == errc::name_taken) error.remedy = "give it an alias that is free, or let it be renamed";
    return error;
}

/// The context, its cluster with the server and its user are there.
bool is_there(const kubeconfig_set& set, const merged_kubeconfig& entry)
{
    const auto context = set.find(entry_list::contexts, entry.context);
    if (!context || !set.find(entry_list::users, set.text(entry_list::contexts, *context, "user"))) return false;
    const auto cluster = set.find(entry_list::clusters, set.text(entry_list::contexts, *context, "cluster"));
    return cluster && server_key(set.text(entry_list::clusters, *cluster, "server")) == server_key(entry.server);
}

std::vector<std::size_t> missing_in(const kubeconfig_set& set, const std::vector<merged_kubeconfig>& entries)
{
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (!is_there(set, entries[i])) all.push_back(i);
    return all;
}

/** One merge: the write, and the look at the file some time after it.

    kubectl deletes, once it has the lock, what it had not seen when it read the file before; no lock prevents that. So
    what is missing then is merged once more.
*/
class merge_run
{
public:
    merge_run(const file_scope& scope, const config_files& files, std::span<const kubeconfig> configs,
        const merge_options& options)
        : scope_(scope)
        , files_(files)
        , configs_(configs)
        , options_(options)
    {}

    file_result<merge_result> run();

private:
    std::optional<file_error> write();
    std::optional<file_error> verify();
    std::optional<file_error> repair(kubeconfig_set& set, const std::vector<std::size_t>& missing);
    bool pause() const;

    const file_scope& scope_;
    const config_files& files_;
    const std::span<const kubeconfig> configs_;
    const merge_options& options_;
    merge_result outcome_;
    std::vector<file_stamp> written_; ///< the files as they were after the last write
};

file_result<merge_result> merge_run::run()
{
    if (auto error = write()) return *error;
    if (outcome_.written.empty() || options_.verify_after.count() <= 0) return std::move(outcome_);
    if (verify()) outcome_.unverified = true; // what was written is written
    return std::move(outcome_);
}

/// Once the lock is held nothing stops it any more, a cancellation included.
std::optional<file_error> merge_run::write()
{
    const auto locks = files_.lock(scope_.lock_patience, scope_.stop);
    if (!locks) return locks.error();
    auto set = files_.read(scope_.documents->take());
    if (!set) return set.error();
    merger to(*set, options_.on_collision);
    for (const auto& config : configs_) {
        auto merged = to.merge(config, options_.alias);
        if (!merged) return error_of(config, outcome_.entries.size() + 1, merged.error());
        outcome_.entries.push_back(std::move(*merged));
    }
    if (options_.current == current_context::set_to_first && !outcome_.entries.empty())
        set->set_current_context(set->keep(outcome_.entries.front().context));
    auto written = files_.write(*set);
    if (!written) return written.error();
    outcome_.written = std::move(*written);
    if (!outcome_.written.empty()) outcome_.exposure = files_.exposure();
    written_ = files_.stamps();
    return std::nullopt;
}

/// False if the caller cancelled meanwhile.
bool merge_run::pause() const
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock held(mutex);
    never.wait_for(held, scope_.stop, options_.verify_after, [] { return false; });
    return !scope_.stop.stop_requested();
}

std::optional<file_error> merge_run::verify()
{
    for (;;) {
        if (!pause()) return cancelled();
        if (files_.stamps() == written_) return std::nullopt;
        const auto locks = files_.lock(scope_.lock_patience, scope_.stop);
        if (!locks) return locks.error();
        auto set = files_.read();
        if (!set) return set.error();
        const auto missing = missing_in(*set, outcome_.entries);
        if (missing.empty()) return std::nullopt;
        if (outcome_.repaired == options_.repairs) {
            for (const auto each : missing) outcome_.lost.push_back(outcome_.entries[each].context);
            return std::nullopt;
        }
        if (auto error = repair(*set, missing)) return error;
        ++outcome_.repaired;
        written_ = files_.stamps();
    }
}

/// Names that were taken may be free by now.
std::optional<file_error> merge_run::repair(kubeconfig_set& set, const std::vector<std::size_t>& missing)
{
    merger to(set, options_.on_collision);
    std::vector<merged_kubeconfig> again;
    for (const auto each : missing) {
        auto merged = to.merge(configs_[each], options_.alias);
        if (!merged) return merged.error();
        again.push_back(std::move(*merged));
    }
    if (const auto written = files_.write(set); !written) return written.error();
    for (std::size_t i = 0; i < missing.size(); ++i) {
        auto& entry = outcome_.entries[missing[i]];
        again[i].change = entry.change;
        entry = std::move(again[i]);
    }
    return std::nullopt;
}

}

file_result<merge_result> merge(
    const file_scope& scope, std::span<const kubeconfig> configs, const merge_options& options)
{
    if (auto error = why_invalid(configs, options)) return *error;
    const auto files = config_files::open(scope.paths);
    if (!files) return files.error();
    return merge_run(scope, *files, configs, options).run();
}

}
