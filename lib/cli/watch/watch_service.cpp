#include "cli/watch/watch_service.hpp"

#include "cli/output/report.hpp"
#include "cli/output/text.hpp"
#include "cli/watch/listing_pause.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto grace = 5s;
/// Between two looks at a cluster that is missing: SIGHUPs may follow each other at once.
constexpr auto look_gap = 30s;

keeper_options options_of(const watch_command& what, const accounts& from, const kubeconfig_directory& place)
{
    keeper_options options;
    options.expiry = what.expiry;
    options.in_flight = std::max<std::size_t>(from.connections / from.each.size(), 1);
    options.store = place;
    return options;
}

asio::awaitable<void> wait(asio::steady_timer& timer)
{
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}

watch_service::watch_service(asio::any_io_executor executor, watch_command what, accounts from,
    const directories& places, sd_notifier& manager, console& log)
    : executor_(executor)
    , what_(std::move(what))
    , from_(std::move(from))
    , places_(places)
    , manager_(manager)
    , log_(log)
    , over_(executor, asio::steady_timer::time_point::max())
    , heartbeat_(executor)
    , hopeless_until_(executor)
{
    for (const client& of : from_.each) {
        keeper held(of, options_of(what_, from_, places.at(of.label())));
        auto changes = held.changes();
        auto beside = std::make_shared<leftovers>(
            executor, places.at(of.label()), of.label(), from_.context_shown(of.label()), log);
        each_.push_back(std::make_unique<watched>(watched{of, std::move(held), std::move(changes),
            asio::steady_timer(executor), false, {}, {}, 0, false, listing_review(look_gap), {}, std::move(beside)}));
    }
}

asio::awaitable<exit_status> watch_service::run(std::vector<std::string> references)
{
    const auto self = shared_from_this();
    references_.replace(references);
    const auto ended = [self](std::exception_ptr error) {
        if (!error || self->error_) return;
        self->error_ = error;
        self->stop();
    };
    const auto told = [self, ended](std::exception_ptr error) {
        --self->telling_;
        ended(error);
        self->end_once_all_is_told();
    };
    telling_ = each_.size();
    for (const auto& each : each_) {
        asio::co_spawn(executor_, tell(self, *each), told);
        asio::co_spawn(executor_, each->beside->run(), ended);
        if (what_.ids_file) keep(*each, {references_.ids().begin(), references_.ids().end()});
        if (what_.ids_file && !references_.has_names()) {
            asio::co_spawn(executor_, ask_once(self, *each), ended);
        } else {
            each->listed = false;
            start_listing(*each);
        }
    }
    if (manager_.wanted()) asio::co_spawn(executor_, live(self), ended);
    co_await wait(over_);
    if (error_) std::rethrow_exception(error_);
    name_what_is_missing();
    co_return status_;
}

void watch_service::keep(watched& which, std::vector<std::string> ids, std::vector<std::string> unlisted)
{
    std::set<std::string> wanted(ids.begin(), ids.end());
    wanted.insert(unlisted.begin(), unlisted.end());
    which.readiness.keep(wanted);
    which.held.keep(std::move(ids), std::move(unlisted));
    std::set_difference(wanted.begin(), wanted.end(), which.known.begin(), which.known.end(),
        std::inserter(which.awaited, which.awaited.end()));
    std::erase_if(which.awaited, [&](const std::string& id) { return !wanted.contains(id); });
    which.known = wanted;
    which.beside->keep(wanted);
    which.listed = true;
    announce();
}

/// Once; a file of ids may come to hold names later.
void watch_service::start_listing(watched& which)
{
    if (std::exchange(which.is_listing, true)) return;
    const auto ended = [self = shared_from_this()](std::exception_ptr error) {
        if (!error || self->error_) return;
        self->error_ = error;
        self->stop();
    };
    asio::co_spawn(executor_, list(shared_from_this(), which), ended);
}

asio::awaitable<void> watch_service::list(std::shared_ptr<watch_service> own, watched& which)
{
    if (!own->what_.ids_file) {
        auto place = own->places_.at(which.of.label());
        const auto contents = co_await place.try_contents(which.of.label());
        if (!contents) own->complain(which, contents.error().message());
        if (contents) which.stored = ids_of(*contents);
        which.review.begin(which.stored);
    }
    while (!own->stopping_) {
        std::optional<failure> why;
        which.list_again = false;
        try {
            auto listed = co_await which.of.clusters();
            which.readiness.api_answered();
            if (!own->stopping_) co_await own->take_up(own, which, std::move(listed));
        } catch (const failure& error) {
            why = error;
            which.readiness.api_failed(error);
        }
        if (own->stopping_) co_return;
        if (which.list_again) continue;
        which.next_listing.expires_after(own->pause_after(which, why ? &*why : nullptr));
        co_await wait(which.next_listing);
    }
}

std::set<std::string> watch_service::wanted_of(const watched& which, const std::vector<cluster>& listed)
{
    std::set<std::string> ids;
    if (what_.ids_file) {
        auto selected = references_.select(listed);
        for (const auto& complaint : selected.complaints) complain(which, complaint);
        return std::move(selected.ids);
    }
    for (const cluster& each : listed)
        if (matches(what_.wanted, each)) ids.insert(each.id);
    return ids;
}

/// A listing may lack a cluster for other reasons than that it is gone: a token that sees less, for one. What is listed
/// and not selected any more is not kept any more.
asio::awaitable<void> watch_service::take_up(
    std::shared_ptr<watch_service> own, watched& which, std::vector<cluster> listed)
{
    std::set<std::string> present;
    for (const cluster& each : listed) present.insert(each.id);
    const auto wanted = own->wanted_of(which, listed);
    auto kept = which.known;
    kept.merge(std::exchange(which.stored, {}));
    if (own->what_.ids_file) std::erase_if(kept, [&](const std::string& id) { return !wanted.contains(id); });
    auto next = which.review.listed(kept, present, std::chrono::steady_clock::now());
    if (next.complaint != which.complaint && !next.complaint.empty())
        own->complain(which, next.complaint + ", and what is kept goes on being kept");
    which.complaint = std::move(next.complaint);
    auto gone = co_await find_gone(own, which, std::move(next.ask));
    if (own->stopping_) co_return;
    std::vector<std::string> ids, unlisted;
    for (const std::string& id : wanted)
        if (present.contains(id) && (next.takes_new || kept.contains(id))) ids.push_back(id);
    kept.insert(wanted.begin(), wanted.end());
    for (const std::string& id : kept) {
        if (!present.contains(id) && !gone.contains(id)) unlisted.push_back(id);
        if (present.contains(id) && !wanted.contains(id) && !next.takes_new) ids.push_back(id);
    }
    own->keep(which, std::move(ids), std::move(unlisted));
    // After the keeper has let go of them, or it would put their files there again.
    co_await which.beside->remove(std::move(gone));
}

/// Asks for each by its id.
asio::awaitable<std::map<std::string, failure>> watch_service::find_gone(
    std::shared_ptr<watch_service> own, watched& which, std::vector<std::string> ids)
{
    std::function<void(const std::string&)> log = [own, &which](
                                                      const std::string& text) { own->complain(which, text); };
    auto answers = co_await find_absent(which.of, std::move(ids), std::move(log));
    std::set<std::string> absent;
    for (const auto& [id, why] : answers.absent) absent.insert(id);
    const auto gone = which.review.answered(absent, std::chrono::steady_clock::now());
    std::erase_if(answers.absent, [&](const auto& entry) { return !gone.contains(entry.first); });
    co_return std::move(answers.absent);
}

/// Any answer but a refusal of the token will do. A reload may have changed the ids, so each try takes one that is kept then.
asio::awaitable<void> watch_service::ask_once(std::shared_ptr<watch_service> own, watched& which)
{
    while (!which.known.empty() && !which.is_listing) {
        const std::string id = *which.known.begin();
        std::optional<failure> why;
        try {
            co_await which.of.cluster(id);
        } catch (const failure& error) {
            why = error;
        }
        if (own->stopping_) co_return;
        if (!why || took_the_token(*why)) break;
        which.readiness.api_failed(*why);
        if (which.failures++ == 0) own->complain(which, why->message());
        own->announce();
        if (!which.list_again) {
            which.next_listing.expires_after(pause_after_failure(which.failures, *why));
            co_await wait(which.next_listing);
        }
        which.list_again = false;
        if (own->stopping_) co_return;
    }
    which.readiness.api_answered();
    own->announce();
}

/// What was kept goes on being kept.
std::chrono::nanoseconds watch_service::pause_after(watched& which, const failure* why)
{
    if (why == nullptr) {
        which.failures = 0;
        return pause_between_listings();
    }
    if (which.failures++ == 0) complain(which, "the clusters cannot be listed: " + why->message());
    which.listed = true;
    announce();
    return pause_after_failure(which.failures, *why);
}

asio::awaitable<void> watch_service::tell(std::shared_ptr<watch_service> own, watched& which)
{
    for (;;) {
        auto change = co_await which.changes.next();
        if (!change) co_return;
        print_result(change_line(*change, own->from_.context_shown(which.of.label())));
        if (change->what != renewal_status::renewed) own->complain(which, change->id + ": " + change->error.message());
        which.awaited.erase(change->id);
        which.readiness.heard(*change);
        own->announce();
    }
}

void watch_service::complain(const watched& which, const std::string& what)
{
    const auto context = from_.context_shown(which.of.label());
    log_.line("doks: " + (context.empty() ? what : "context " + in_quotes(context) + ": " + what));
}

void watch_service::stop()
{
    if (std::exchange(stopping_, true)) return;
    manager_.stopping();
    heartbeat_.cancel();
    hopeless_until_.cancel();
    draining_ = each_.size();
    for (const auto& each : each_) {
        each->next_listing.cancel();
        each->beside->stop();
        each->held.drain(grace, asio::bind_executor(executor_, [self = shared_from_this()] {
            --self->draining_;
            self->end_once_all_is_told();
        }));
    }
}

/// What the drain still stored, or could not, is told after it, and counts.
void watch_service::end_once_all_is_told()
{
    if (stopping_ && draining_ == 0 && telling_ == 0) over_.cancel();
}

}
