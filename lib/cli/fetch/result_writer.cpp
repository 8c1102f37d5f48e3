#include "cli/fetch/result_writer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

constexpr std::size_t refusals_that_stop = 3;

bool was_not_started(const bulk_item& item)
{
    if (item.outcome) return false;
    const failure& why = item.outcome.error();
    return why.why_stopped() == stop_reason::cancelled && why.info().sends() == 0;
}

asio::awaitable<std::optional<failure>> try_put(const item_store& put, const bulk_item& item)
{
    try {
        co_await put(item);
    } catch (const failure& why) {
        co_return why;
    }
    co_return std::nullopt;
}

}

item_store files_in(directories places)
{
    return [places = std::move(places)](const bulk_item& item) mutable { return places.at(item.label).put(item); };
}

result_writer::result_writer(
    asio::any_io_executor executor, fetch_job job, item_store put, console& log, item_sink report)
    : executor_(executor)
    , job_(std::move(job))
    , put_(std::move(put))
    , log_(log)
    , report_(std::move(report))
    , changed_(executor, asio::steady_timer::time_point::max())
{}

void result_writer::stop(std::chrono::steady_clock::duration grace)
{
    stopped_ = true;
    job_.all().stop(grace);
}

bulk_summary result_writer::summary() const
{
    auto counts = job_.all().summary();
    counts.fetched -= not_stored_;
    counts.failed += not_stored_;
    for (const auto& [label, rest] : left_over_) counts.failed -= rest.count;
    return counts;
}

void result_writer::take(bulk_item item)
{
    job_.on_outcome(item);
    if (was_not_started(item)) {
        auto& rest = left_over_[item.label];
        if (rest.count++ == 0) rest.why = item.outcome.error();
        return;
    }
    if (!item.outcome || item.fresh) return finish(item);
    ++pending_;
    auto stored = [self = shared_from_this()](std::exception_ptr thrown) { self->stored(std::move(thrown)); };
    asio::co_spawn(executor_, store(shared_from_this(), std::move(item)), std::move(stored));
}

/// What is no `failure`, as a lack of memory, ends the command.
void result_writer::stored(std::exception_ptr thrown)
{
    --pending_;
    if (thrown) end_with(std::move(thrown));
    changed_.cancel();
}

void result_writer::end_with(std::exception_ptr error)
{
    if (error_) return;
    error_ = std::move(error);
    stop(std::chrono::seconds(0));
}

asio::awaitable<void> result_writer::wait_for_room() { return wait_below(job_.accounts().connections); }

asio::awaitable<void> result_writer::settle()
{
    co_await wait_below(1);
    if (error_) std::rethrow_exception(error_);
}

asio::awaitable<void> result_writer::store(std::shared_ptr<result_writer> own, bulk_item item)
{
    auto fault = co_await try_put(own->put_, item);
    if (fault)
        own->refused(item, *fault);
    else
        own->refusals_in_a_row_[item.label] = 0;
    own->finish(item);
}

asio::awaitable<void> result_writer::wait_below(std::size_t pending)
{
    while (pending_ >= pending) {
        boost::system::error_code cancelled;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
}

void result_writer::refused(bulk_item& item, const failure& why)
{
    ++not_stored_;
    item.outcome = why;
    if (why != errc::unusable_directory || ++refusals_in_a_row_[item.label] != refusals_that_stop) return;
    log_.line("doks: stopping: three files in a row could not be stored: " + why.detail());
    stop(std::chrono::seconds(0));
}

void result_writer::finish(const bulk_item& item)
{
    if (error_) return;
    try {
        report_(item);
    } catch (...) {
        end_with(std::current_exception());
    }
}

}
