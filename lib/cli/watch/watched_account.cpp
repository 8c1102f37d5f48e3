#include "cli/watch/watched_account.hpp"

#include "cli/output/report.hpp"
#include "cli/output/text.hpp"
#include "cli/watch/listing_pause.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Between two looks at a cluster that is missing: SIGHUPs may follow each other at once.
constexpr auto look_gap = 30s;
constexpr std::size_t ids_shown = 10;

keeper_options options_of(const watch_state& shared, const kubeconfig_directory& directory)
{
    keeper_options options;
    options.expiry = shared.command.expiry.value_or(0s);
    options.in_flight = std::max<std::size_t>(shared.accounts.connections / shared.accounts.clients.size(), 1);
    options.store = directory;
    return options;
}

}

watched_account::watched_account(std::shared_ptr<watch_state> shared, const client& api, kubeconfig_directory directory)
    : shared_(std::move(shared))
    , api_(api)
    , directory_(std::move(directory))
    , keeper_(api_, options_of(*shared_, directory_))
    , changes_(keeper_.changes())
    , next_listing_(shared_->executor)
    , review_(look_gap)
    , leftovers_(std::make_shared<leftovers>(
          shared_->executor, directory_, api_.label(), shared_->accounts.context_shown(api_.label()), shared_->log))
{}

void watched_account::keep(std::vector<std::string> ids, std::vector<std::string> unlisted)
{
    std::set<std::string> wanted(ids.begin(), ids.end());
    wanted.insert(unlisted.begin(), unlisted.end());
    readiness_.keep(wanted);
    keeper_.keep(std::move(ids), std::move(unlisted));
    std::set_difference(
        wanted.begin(), wanted.end(), kept_.begin(), kept_.end(), std::inserter(awaited_, awaited_.end()));
    std::erase_if(awaited_, [&](const std::string& id) { return !wanted.contains(id); });
    kept_ = wanted;
    leftovers_->keep(wanted);
    is_listed_ = true;
    shared_->on_change();
}

bool watched_account::start_listing() noexcept
{
    is_listed_ = false;
    return !std::exchange(is_listing_, true);
}

void watched_account::require_listing()
{
    is_listed_ = false;
    wake();
}

void watched_account::wake()
{
    is_due_ = true;
    next_listing_.cancel();
}

asio::awaitable<void> watched_account::list()
{
    const auto self = shared_from_this();
    if (!shared_->command.ids_file) co_await read_stored_files();
    while (!shared_->is_stopping) {
        std::optional<failure> error;
        is_due_ = false;
        try {
            auto listed = co_await api_.clusters();
            readiness_.api_responded();
            if (!shared_->is_stopping) co_await apply(std::move(listed));
        } catch (const failure& why) {
            error = why;
            readiness_.api_failed(why);
        }
        if (shared_->is_stopping) co_return;
        if (!is_due_) co_await pause(pause_after(error ? &*error : nullptr));
    }
}

asio::awaitable<void> watched_account::pause(std::chrono::nanoseconds time)
{
    next_listing_.expires_after(time);
    boost::system::error_code cancelled;
    co_await next_listing_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

asio::awaitable<void> watched_account::read_stored_files()
{
    const auto contents = co_await directory_.try_contents(api_.label());
    if (contents)
        stored_ = ids_of(*contents);
    else
        complain(contents.error().message());
    review_.begin(stored_);
}

/// The clusters that are to be kept, by the command's selection.
std::set<std::string> watched_account::select(const std::vector<cluster>& listed)
{
    if (shared_->command.ids_file) {
        auto selected = shared_->references.select(listed);
        for (const auto& complaint : selected.complaints) complain(complaint);
        return std::move(selected.ids);
    }
    std::set<std::string> ids;
    for (const cluster& each : listed)
        if (matches(shared_->command.wanted, each)) ids.insert(each.id);
    return ids;
}

/// A listing may lack a cluster for other reasons than that it is gone, for example with a token that sees less. A cluster
/// that is listed and no longer selected is kept no longer.
asio::awaitable<void> watched_account::apply(std::vector<cluster> listed)
{
    std::set<std::string> present;
    for (const cluster& each : listed) present.insert(each.id);
    const auto wanted = select(listed);
    auto kept = kept_;
    kept.merge(std::exchange(stored_, {}));
    if (shared_->command.ids_file) std::erase_if(kept, [&](const std::string& id) { return !wanted.contains(id); });
    auto decision = review_.listed(kept, present, std::chrono::steady_clock::now());
    if (decision.complaint != complaint_ && !decision.complaint.empty())
        complain(decision.complaint + ", and the kept clusters stay kept");
    complaint_ = std::move(decision.complaint);
    auto gone = co_await find_gone(std::move(decision.ask));
    if (shared_->is_stopping) co_return;
    std::vector<std::string> ids, unlisted;
    for (const std::string& id : wanted)
        if (present.contains(id) && (decision.takes_new || kept.contains(id))) ids.push_back(id);
    kept.insert(wanted.begin(), wanted.end());
    for (const std::string& id : kept) {
        if (!present.contains(id) && !gone.contains(id)) unlisted.push_back(id);
        if (present.contains(id) && !wanted.contains(id) && !decision.takes_new) ids.push_back(id);
    }
    keep(std::move(ids), std::move(unlisted));
    // Only now: a keeper that still keeps them would write their files again.
    co_await leftovers_->remove(std::move(gone));
}

/// Of clusters that may be gone, those that are, each with the API's 404.
asio::awaitable<std::map<std::string, failure>> watched_account::find_gone(std::vector<std::string> ids)
{
    std::function<void(const std::string&)> log = [this](const std::string& text) { complain(text); };
    auto result = co_await find_absent(api_, std::move(ids), std::move(log));
    std::set<std::string> absent;
    for (const auto& [id, why] : result.absent) absent.insert(id);
    const auto gone = review_.confirm_gone(absent, std::chrono::steady_clock::now());
    std::erase_if(result.absent, [&](const auto& entry) { return !gone.contains(entry.first); });
    co_return std::move(result.absent);
}

/// Any response but a refusal of the token will do. A reload may change the ids, so each attempt takes one that is kept then.
asio::awaitable<void> watched_account::check_token()
{
    const auto self = shared_from_this();
    while (!kept_.empty() && !is_listing_) {
        const std::string id = *kept_.begin();
        std::optional<failure> error;
        try {
            co_await api_.cluster(id);
        } catch (const failure& why) {
            error = why;
        }
        if (shared_->is_stopping) co_return;
        if (!error || took_the_token(*error)) break;
        readiness_.api_failed(*error);
        if (failures_++ == 0) complain(error->message());
        shared_->on_change();
        if (!is_due_) co_await pause(pause_after_failure(failures_, *error));
        is_due_ = false;
        if (shared_->is_stopping) co_return;
    }
    readiness_.api_responded();
    shared_->on_change();
}

/// Null: the listing succeeded. After a failure the kept clusters stay kept.
std::chrono::nanoseconds watched_account::pause_after(const failure* error)
{
    if (error == nullptr) {
        failures_ = 0;
        return pause_between_listings();
    }
    if (failures_++ == 0) complain("the clusters cannot be listed: " + error->message());
    is_listed_ = true;
    shared_->on_change();
    return pause_after_failure(failures_, *error);
}

asio::awaitable<void> watched_account::report_changes()
{
    const auto self = shared_from_this();
    for (;;) {
        auto change = co_await changes_.next();
        if (!change) co_return;
        print_result(change_line(*change, shared_->accounts.context_shown(api_.label())));
        if (change->status != renewal_status::renewed) complain(change->id + ": " + change->error.message());
        awaited_.erase(change->id);
        readiness_.on_change(*change);
        shared_->on_change();
    }
}

void watched_account::stop(std::chrono::steady_clock::duration grace, std::function<void()> on_drained)
{
    next_listing_.cancel();
    leftovers_->stop();
    keeper_.drain(grace, asio::bind_executor(shared_->executor, std::move(on_drained)));
}

/// The keeper takes note of changed ids a moment later, so its own counts may still be of the ids before.
void watched_account::add_to(keeper_stats& stats) const
{
    stats.kept += kept_.size();
    for (const std::string& id : kept_) stats.valid += !readiness_.is_unstored(id) && keeper_.held(id).has_value();
    stats.failing += readiness_.failing();
    stats.minted += keeper_.stats().minted;
}

bool watched_account::explain_end() const
{
    const auto obstacle = readiness_.obstacle();
    const bool is_unlisted = !was_ready_ && !obstacle && !is_listed_;
    if (!was_ready_ && obstacle) complain("it was not ready: " + obstacle->message());
    if (is_unlisted) complain("it was not ready: it was stopped before its clusters were listed");
    const auto missing = readiness_.without_file(std::chrono::system_clock::now());
    for (std::size_t at = 0; at < missing.size() && at < ids_shown; ++at)
        complain(missing[at] + ": no valid credential of it is known to be in the directory");
    if (missing.size() > ids_shown) complain("and none of " + std::to_string(missing.size() - ids_shown) + " more");
    return missing.empty() && !is_unlisted && (was_ready_ || !obstacle);
}

void watched_account::complain(const std::string& text) const
{
    const auto context = shared_->accounts.context_shown(api_.label());
    shared_->log.line("doks: " + (context.empty() ? text : "context " + in_quotes(context) + ": " + text));
}

}
