#include "cli/clusters/id_list.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/token_lookup.hpp"
#include "cli/watch/watch_service.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

// What a watch tells a service manager, what it is told by one, and how it ends.

namespace doks::cli {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// So long what can hardly work is tried at the start: longer than two listings are apart, and long enough that a service
/// manager which starts it again at once does not run into its limit of starts.
constexpr auto patience_at_start = 12s;
constexpr std::size_t ids_shown = 10;

}

std::string watch_service::status() const
{
    keeper_stats all;
    for (const auto& each : each_) {
        // The keeper hears of what is kept a moment later, so its own counts may be of the ids before.
        all.kept += each->known.size();
        for (const std::string& id : each->known)
            all.valid += !each->readiness.is_unstored(id) && each->held.held(id).has_value();
        all.failing += each->readiness.failing();
        all.minted += each->held.stats().minted;
    }
    std::ostringstream text;
    text << all.kept << " clusters kept, " << all.valid << " credentials valid, " << all.failing << " failing, "
         << all.minted << " minted";
    return text.str();
}

bool watch_service::may_be_ready()
{
    bool any = false;
    for (const auto& each : each_) {
        any = any || each->readiness.works();
        if (!each->readiness.works() && !each->readiness.is_hopeless()) return false;
    }
    return any || each_.empty();
}

void watch_service::give_up_later()
{
    const bool hopeless =
        std::all_of(each_.begin(), each_.end(), [](const auto& each) { return each->readiness.is_hopeless(); });
    if (hopeless == std::exchange(is_hopeless_, hopeless)) return;
    hopeless_until_.cancel();
    if (!hopeless) return;
    hopeless_until_.expires_after(patience_at_start);
    hopeless_until_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (!cancelled && self->is_hopeless_ && !self->was_ready_ && !self->stopping_) self->give_up();
    });
}

void watch_service::give_up()
{
    log_.line("doks: no account can be kept fresh, and waiting does not help: see above");
    stop();
}

void watch_service::announce()
{
    const auto has_spoken = [](const auto& each) { return each->listed && each->awaited.empty(); };
    if (ready_ || stopping_) return;
    if (!was_ready_) give_up_later();
    if (!std::all_of(each_.begin(), each_.end(), has_spoken) || (!was_ready_ && !may_be_ready())) return;
    ready_ = was_ready_ = true;
    for (const auto& each : each_) each->worked = each->worked || each->readiness.works();
    log_.line("doks: keeping " + what_.out.string() + " fresh: " + status());
    manager_.ready(status());
}

/// For the service manager: more time until it is ready, signs of life, how it gets on.
asio::awaitable<void> watch_service::live(std::shared_ptr<watch_service> own)
{
    const auto watchdog = own->manager_.watchdog();
    const auto every = watchdog ? std::min<std::chrono::microseconds>(*watchdog / 2, 10s) : 10s;
    while (!own->stopping_) {
        if (!own->ready_) own->manager_.extend(every * 3);
        if (watchdog) own->manager_.alive();
        own->manager_.status(own->status());
        own->heartbeat_.expires_after(every);
        boost::system::error_code cancelled;
        co_await own->heartbeat_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

/// The exit status is true: what is not as it should be at the end is a failure, even if it might have passed.
void watch_service::name_what_is_missing()
{
    for (const auto& complaint : references_.unresolved()) {
        status_ = exit_status::failed;
        log_.line("doks: " + complaint);
    }
    for (const auto& each : each_) {
        const auto obstacle = each->readiness.obstacle();
        if (!each->worked && obstacle) {
            status_ = exit_status::failed;
            complain(*each, "it was not ready: " + obstacle->message());
        }
        if (!each->worked && !obstacle && !each->listed) {
            status_ = exit_status::failed;
            complain(*each, "it was not ready: it was stopped before its clusters were listed");
        }
        const auto missing = each->readiness.without_file(std::chrono::system_clock::now());
        for (std::size_t at = 0; at < missing.size() && at < ids_shown; ++at)
            complain(*each, missing[at] + ": no valid credential of it is known to be in the directory");
        if (missing.size() > ids_shown)
            complain(*each, "and none of " + std::to_string(missing.size() - ids_shown) + " more");
        if (!missing.empty()) status_ = exit_status::failed;
    }
}

void watch_service::reload()
{
    if (stopping_) return;
    manager_.reloading();
    ready_ = false;
    if (!what_.ids_file) {
        for (const auto& each : each_) {
            each->listed = false;
            each->list_again = true;
            each->next_listing.cancel();
        }
        return;
    }
    try {
        std::istringstream nothing;
        const auto& file = *what_.ids_file;
        if (file == "-") throw usage_error("--ids -", "standard input cannot be read again", "name a file");
        if (is_read_once(file))
            throw usage_error("--ids " + in_quotes(file), "a pipe cannot be read again", "name a file");
        const auto references = read_ids_of(file, nothing);
        references_.replace(references);
        log_.line("doks: the ids were read again: " + std::to_string(references.size()));
        for (const auto& each : each_) {
            if (references_.has_names() || each->is_listing) {
                each->listed = false;
                start_listing(*each);
            } else {
                keep(*each, {references_.ids().begin(), references_.ids().end()});
            }
            each->list_again = true;
            each->next_listing.cancel();
        }
    } catch (const std::exception& why) {
        log_.line(std::string("doks: the ids stay as they were: ") + why.what());
        announce();
    }
}

}
