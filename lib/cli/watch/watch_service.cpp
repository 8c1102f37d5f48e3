#include "cli/watch/watch_service.hpp"

#include "cli/clusters/id_list.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/token_lookup.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto grace = 5s;
/// How long a watch tries what can hardly work: longer than the pause between two listings, and so long that a service
/// manager which starts it again at once does not run into its limit of starts.
constexpr auto patience_at_start = 12s;

}

watch_service::watch_service(asio::any_io_executor executor, watch_command command, account_set accounts,
    const directories& places, sd_notifier& manager, console& log)
    : shared_(std::make_shared<watch_state>(watch_state{executor, std::move(command), std::move(accounts), log}))
    , manager_(manager)
    , end_(executor, asio::steady_timer::time_point::max())
    , heartbeat_(executor)
    , hopeless_until_(executor)
{
    for (const client& each : shared_->accounts.clients)
        watched_.push_back(std::make_shared<watched_account>(shared_, each, places.at(each.label())));
}

void watch_service::start(asio::awaitable<void> work)
{
    asio::co_spawn(shared_->executor, std::move(work),
        [self = shared_from_this()](std::exception_ptr error) { self->on_end(error); });
}

/// The first error of any coroutine ends the watch.
void watch_service::on_end(std::exception_ptr error)
{
    if (!error || error_) return;
    error_ = error;
    stop();
}

asio::awaitable<exit_status> watch_service::run(std::vector<std::string> references)
{
    const auto self = shared_from_this();
    shared_->on_change = [weak = weak_from_this()] {
        if (const auto own = weak.lock()) own->on_change();
    };
    shared_->references.replace(references);
    reporting_ = watched_.size();
    for (const auto& account : watched_) {
        asio::co_spawn(shared_->executor, account->report_changes(), [self](std::exception_ptr error) {
            --self->reporting_;
            self->on_end(error);
            self->end_if_reported();
        });
        start(account->run_leftovers());
        if (shared_->command.ids_file) keep_ids(*account);
        if (shared_->command.ids_file && !shared_->references.has_names())
            start(account->check_token());
        else
            start_listing(*account);
    }
    if (manager_.wanted()) start(notify_manager());
    boost::system::error_code cancelled;
    co_await end_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    if (error_) std::rethrow_exception(error_);
    // What is not as it should be at the end is a failure, even if it might have passed.
    auto status = exit_status::done;
    for (const auto& complaint : shared_->references.unresolved()) {
        status = exit_status::failed;
        shared_->log.line("doks: " + complaint);
    }
    for (const auto& account : watched_)
        if (!account->explain_end()) status = exit_status::failed;
    co_return status;
}

void watch_service::keep_ids(watched_account& account)
{
    const auto& ids = shared_->references.ids();
    account.keep({ids.begin(), ids.end()});
}

void watch_service::start_listing(watched_account& account)
{
    if (account.start_listing()) start(account.list());
}

std::string watch_service::status() const
{
    keeper_stats all;
    for (const auto& account : watched_) account->add_to(all);
    std::ostringstream text;
    text << all.kept << " clusters kept, " << all.valid << " credentials valid, " << all.failing << " failing, "
         << all.minted << " minted";
    return text.str();
}

bool watch_service::may_be_ready() const
{
    bool any_works = false;
    for (const auto& account : watched_) {
        const auto& readiness = account->readiness();
        any_works = any_works || readiness.works();
        if (!readiness.works() && !readiness.is_hopeless()) return false;
    }
    return any_works || watched_.empty();
}

/// Ends the watch if all accounts stay hopeless from its start on.
void watch_service::watch_for_hopelessness()
{
    const bool hopeless = std::all_of(
        watched_.begin(), watched_.end(), [](const auto& account) { return account->readiness().is_hopeless(); });
    if (hopeless == std::exchange(is_hopeless_, hopeless)) return;
    hopeless_until_.cancel();
    if (!hopeless) return;
    hopeless_until_.expires_after(patience_at_start);
    hopeless_until_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (cancelled || !self->is_hopeless_ || self->was_ready_ || self->shared_->is_stopping) return;
        self->shared_->log.line("doks: no account can be kept fresh, and waiting does not help: see above");
        self->stop();
    });
}

void watch_service::on_change()
{
    if (is_ready_ || shared_->is_stopping) return;
    if (!was_ready_) watch_for_hopelessness();
    const auto is_settled = [](const auto& account) { return account->is_settled(); };
    if (!std::all_of(watched_.begin(), watched_.end(), is_settled) || (!was_ready_ && !may_be_ready())) return;
    is_ready_ = was_ready_ = true;
    for (const auto& account : watched_) account->on_ready();
    shared_->log.line("doks: keeping " + shared_->command.out.string() + " fresh: " + status());
    manager_.ready(status());
}

/// Asks for more time until the watch is ready, and sends signs of life and the status.
asio::awaitable<void> watch_service::notify_manager()
{
    const auto self = shared_from_this();
    const auto watchdog = manager_.watchdog();
    const auto every = watchdog ? std::min<std::chrono::microseconds>(*watchdog / 2, 10s) : 10s;
    while (!shared_->is_stopping) {
        if (!is_ready_) manager_.extend(every * 3);
        if (watchdog) manager_.alive();
        manager_.status(status());
        heartbeat_.expires_after(every);
        boost::system::error_code cancelled;
        co_await heartbeat_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

void watch_service::reload()
{
    if (shared_->is_stopping) return;
    manager_.reloading();
    is_ready_ = false;
    if (!shared_->command.ids_file) {
        for (const auto& account : watched_) account->require_listing();
        return;
    }
    try {
        read_ids_again();
    } catch (const std::exception& error) {
        shared_->log.line(std::string("doks: the ids stay as they were: ") + error.what());
        on_change();
    }
}

void watch_service::read_ids_again()
{
    std::istringstream nothing;
    const auto& file = *shared_->command.ids_file;
    if (file == "-") throw usage_error("--ids -", "standard input cannot be read again", "name a file");
    if (is_read_once(file)) throw usage_error("--ids " + in_quotes(file), "a pipe cannot be read again", "name a file");
    const auto references = read_ids_of(file, nothing);
    shared_->references.replace(references);
    shared_->log.line("doks: the ids were read again: " + std::to_string(references.size()));
    for (const auto& account : watched_) {
        if (shared_->references.has_names() || account->is_listing())
            start_listing(*account);
        else
            keep_ids(*account);
        account->wake();
    }
}

void watch_service::stop()
{
    if (std::exchange(shared_->is_stopping, true)) return;
    manager_.stopping();
    heartbeat_.cancel();
    hopeless_until_.cancel();
    draining_ = watched_.size();
    for (const auto& account : watched_)
        account->stop(grace, [self = shared_from_this()] {
            --self->draining_;
            self->end_if_reported();
        });
}

/// What the drain still stored, or could not store, is reported after it, and counts.
void watch_service::end_if_reported()
{
    if (shared_->is_stopping && draining_ == 0 && reporting_ == 0) end_.cancel();
}

}
