#include "cli/watch/leftovers.hpp"

#include "cli/output/report.hpp"
#include "cli/output/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

/// At most: another process may put a file there, and the wall clock may be set.
constexpr auto interval = std::chrono::minutes(5);

}

leftovers::leftovers(const asio::any_io_executor& executor, kubeconfig_directory directory, std::string label,
    std::string context, console& log)
    : directory_(std::move(directory))
    , label_(std::move(label))
    , context_(std::move(context))
    , log_(log)
    , next_(executor)
{}

void leftovers::say(const std::string& text)
{
    log_.line("doks: " + (context_.empty() ? text : "context " + in_quotes(context_) + ": " + text));
}

void leftovers::keep(std::set<std::string> ids)
{
    kept_ = std::move(ids);
    changed_ = true;
    next_.cancel();
}

void leftovers::stop()
{
    stopped_ = true;
    next_.cancel();
}

asio::awaitable<void> leftovers::run()
{
    const auto self = shared_from_this();
    while (!stopped_) {
        changed_ = false;
        wall_clock::duration pause = interval;
        std::optional<failure> why;
        try {
            if (kept_) pause = co_await look();
        } catch (const failure& error) {
            why = error;
        }
        if (why) say(why->message());
        if (stopped_ || changed_) continue;
        next_.expires_after(std::chrono::duration_cast<asio::steady_timer::duration>(pause));
        boost::system::error_code cancelled;
        co_await next_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

/// Returns the time until the next file expires.
asio::awaitable<leftovers::wall_clock::duration> leftovers::look()
{
    const auto contents = co_await directory_.contents(label_);
    wall_clock::duration pause = interval;
    std::set<std::string> seen;
    for (const stored_entry& each : contents.entries) {
        const auto& id = each.id;
        const auto& until = each.expires_at;
        if (stopped_ || kept_->contains(id) || going_.contains(id)) continue;
        const bool is_new = !reported_.contains(id);
        seen.insert(id);
        if (is_new) print_result(leftover_line(id, "deselected", until, context_));
        const auto now = wall_clock::now();
        if (!until) continue;
        if (*until > now) {
            pause = std::min(pause, *until - now);
            continue;
        }
        const bool removed = co_await directory_.erase_expired(id);
        if (!removed) continue;
        print_result(leftover_line(id, "expired", until, context_));
        seen.erase(id);
    }
    reported_ = std::move(seen);
    co_return pause;
}

asio::awaitable<void> leftovers::remove(std::map<std::string, failure> gone)
{
    const auto self = shared_from_this();
    for (const auto& [id, why] : gone) going_.insert(id);
    for (const auto& entry : gone) {
        renewal_event change;
        change.id = entry.first;
        change.status = renewal_status::gone;
        change.error = entry.second;
        print_result(change_line(change, context_));
        say(change.id + ": " + change.error.message());
        try {
            co_await directory_.erase(change.id);
        } catch (const failure& why) {
            say(change.id + ": " + why.message());
        }
        going_.erase(change.id);
    }
}

}
