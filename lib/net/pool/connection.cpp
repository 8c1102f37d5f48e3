#include "net/pool/connection.hpp"

#include "core/scoped_flag.hpp"
#include "core/secret_text.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace doks::net {

using boost::system::error_code;
using core::append;

namespace {

constexpr std::size_t first_buffer = std::size_t(8) * 1024;
constexpr std::size_t largest_buffer = response_reader::header_limit + first_buffer;

}

std::string request::target() const { return *root + (subject.empty() ? "" : "/") + subject + rest.c_str(); }

connection::connection(std::uint64_t id, const asio::any_io_executor& on, std::shared_ptr<const connection_setup> setup)
    : id_(id)
    , strand_(async::inner_executor(on))
    , setup_(std::move(setup))
{
    enter(core::phase::resolve, setup_->limits.connect);
}

/// Out of memory the step ends what is under way, for the owner waits for it.
template <class Step> void connection::take_step(Step step)
{
    try {
        step();
    } catch (const std::bad_alloc&) {
        report_.reusable = false;
        finish(make_error_code(boost::system::errc::not_enough_memory));
    }
}

void connection::open(std::shared_ptr<owner> whose)
{
    asio::post(strand_, [self = shared_from_this(), whose = std::move(whose)]() mutable {
        if (self->aborted_) return;
        self->owner_ = std::move(whose);
        self->take_step([&] {
            self->dialling_ = self->setup_->network->dial(
                self->setup_->where, self->strand_, std::shared_ptr<dial_listener>(self, self.get()));
        });
    });
}

/// Name and TCP share one bound.
void connection::dial_enters(core::phase next)
{
    next == core::phase::proxy ? enter(next, setup_->limits.proxy) : phase_.store(next, std::memory_order_relaxed);
}

void connection::dial_ended(ended how)
{
    dialling_.reset();
    if (!aborted_) take_step([&] { take_line(std::move(how)); });
}

void connection::take_line(ended how)
{
    enter(how.failed ? how.at : core::phase::tls, setup_->limits.tls);
    report_.detail = std::move(how.detail);
    if (how.failed) return finish(how.failed);
    if (setup_->profile)
        stream_ = std::make_unique<stream>(std::move(how.line),
            stream::tls_terms{*setup_->profile, setup_->where.host, setup_->sessions.get(), setup_->time->boot_now()});
    else
        stream_ = std::make_unique<stream>(std::move(how.line));
    drive();
}

/// Between two requests nothing runs on the connection's strand, so what it shall do is left here for it. It begins at
/// once where this thread runs the executor: a hop costs a look at the reactor, and the owner's strand waits for no response.
void connection::run(
    std::shared_ptr<const request> what, std::shared_ptr<const secret_bytes> head, std::shared_ptr<owner> whose)
{
    owner_ = std::move(whose);
    request_ = std::move(what);
    head_ = std::move(head);
    asio::dispatch(strand_, [self = shared_from_this()] {
        const core::scoped_flag begins(self->begins_);
        self->take_step([&] { self->begin(); });
    });
}

void connection::begin()
{
    if (aborted_) return;
    report_ = {};
    sent_ = false;
    enter(core::phase::write, setup_->limits.first_byte);
    // Whatever came before the request was written is no response to it (RFC 9112 §9.2), idle or not.
    // What has begun to come on a new connection is a session ticket.
    const bool used = served_ != 0 || rested_;
    if (!stream_->is_quiet() || (used && !stream_->is_between_records())) return finish(errc::closed_before_response);
    compose_request();
    reader_.restart(request_->body_limit);
    stream_->allow(2 * (response_reader::header_limit + request_->body_limit));
    drive();
}

void connection::compose_request()
{
    out_.clear();
    written_ = 0;
    append(out_, "GET ");
    append(out_, *request_->root);
    if (!request_->subject.empty()) append(out_, "/");
    append(out_, request_->subject);
    append(out_, {request_->rest.data(), request_->rest.size()});
    append(out_, " HTTP/1.1\r\n");
    append(out_, {head_->data(), head_->size()});
}

void connection::abort()
{
    asio::post(strand_, [self = shared_from_this()] {
        self->aborted_ = true;
        self->owner_.reset();
        if (const auto attempt = self->dialling_.lock()) attempt->abandon();
        if (self->stream_) self->stream_->close();
    });
}

void connection::drive()
{
    bool goes_on = true;
    while (goes_on && !aborted_) {
        switch (at()) {
        case core::phase::tls:
            goes_on = advance_handshake();
            break;
        case core::phase::write:
            goes_on = advance_write();
            break;
        default:
            goes_on = advance_read();
            break;
        }
    }
}

bool connection::wait_for(wire::direction which)
{
    stream_->below().wait(which, std::shared_ptr<wire::waiter>(shared_from_this(), this));
    return false;
}

void connection::ready(error_code failed)
{
    if (aborted_) return;
    take_step([&] { failed ? finish(failed) : drive(); });
}

bool connection::advance_handshake()
{
    const auto got = stream_->handshake();
    if (got.what != stream::state::done) return trouble(got);
    enter(core::phase::response, {});
    notify(&owner::opened);
    return false;
}

bool connection::advance_write()
{
    const auto got = stream_->send({out_.data() + written_, out_.size() - written_});
    sent_ = true;
    if (got.what != stream::state::done) return trouble(got);
    written_ += got.bytes;
    if (written_ < out_.size()) return true;
    wipe(out_.data(), out_.size());
    enter(core::phase::first_byte, setup_->limits.first_byte);
    return stream_->has_pending() || wait_for(wire::direction::receive);
}

bool connection::advance_read()
{
    if (in_.empty()) in_.resize(first_buffer);
    if (filled_ == in_.size()) {
        if (in_.size() == largest_buffer) return finish(errc::malformed_response), false;
        in_.resize(largest_buffer);
    }
    const auto got = stream_->receive(in_.data() + filled_, in_.size() - filled_);
    if (got.what == stream::state::closed || got.what == stream::state::cut)
        return no_more_bytes(got.what == stream::state::closed);
    if (got.what != stream::state::done) return trouble(got);
    return feed(got.bytes);
}

/// Bytes that the reader does not take yet stay in front of the buffer; a complete response ends the exchange.
bool connection::feed(std::size_t fresh)
{
    filled_ += fresh;
    dirty_ = (std::max)(dirty_, filled_);
    enter(core::phase::body, setup_->limits.body_idle);
    const auto taken = reader_.feed({in_.data(), filled_});
    filled_ -= taken.bytes;
    if (filled_ != 0 && taken.bytes != 0) std::memmove(in_.data(), in_.data() + taken.bytes, filled_);
    if (taken.error) return finish(taken.error), false;
    if (!reader_.complete()) return stream_->has_pending() || wait_for(wire::direction::receive);
    complete();
    return false;
}

bool connection::no_more_bytes(bool clean)
{
    if (const auto cut = reader_.end(clean)) return finish(cut), false;
    complete();
    return false;
}

bool connection::trouble(const stream::progress& got)
{
    if (got.what == stream::state::wants_receive) return wait_for(wire::direction::receive);
    if (got.what == stream::state::wants_send) return wait_for(wire::direction::send);
    if (got.what != stream::state::failed) return finish(errc::closed_before_response), false;
    if (!stream_->trouble().empty()) report_.detail = stream_->trouble();
    const bool cut_short = reader_.started() && request_ && got.error == condition::transient;
    finish(cut_short ? make_error_code(errc::truncated) : got.error);
    return false;
}

void connection::enter(core::phase next, core::duration limit)
{
    phase_.store(next, std::memory_order_relaxed);
    const bool bounded = next != core::phase::response;
    const auto due = bounded ? setup_->time->steady_now() + limit : core::never;
    due_.store(due.time_since_epoch().count(), std::memory_order_relaxed);
}

void connection::complete()
{
    const bool surplus = filled_ != 0 || (stream_->has_pending() && !stream_->is_quiet());
    const bool cut = surplus && reader_.has_length() && body_goes_on();
    report_.reusable = reader_.keeps_alive() && !surplus;
    report_.response = reader_.take(setup_->time->wall_now());
    report_.outcome.status = report_.response.status;
    report_.outcome.hints = report_.response.hints;
    enter(core::phase::response, {});

    const unsigned status = report_.response.status;
    error_code cause;
    if (status >= 300 && status < 400)
        cause = errc::redirected;
    else if (status != 200)
        cause = http_error(status);
    else if (cut)
        cause = errc::truncated;
    else if (request_->check)
        cause =
            request_->check(*request_, {report_.response.body.data(), report_.response.body.size()}, report_.detail);
    report_.outcome.of_api =
        status == 200
            ? !cause
            : status < 500 && core::is_json_object({report_.response.body.data(), report_.response.body.size()});
    if (cause == errc::wrong_cluster || status == 421) report_.reusable = false;
    finish(cause);
}

/// True if its rest follows the length that its header stated, which is wrong then.
bool connection::body_goes_on()
{
    if (filled_ == 0) {
        const auto got = stream_->receive(in_.data(), in_.size());
        if (got.what != stream::state::done) return false;
        filled_ = got.bytes;
        dirty_ = (std::max)(dirty_, filled_);
    }
    if (!core::is_rest_of_body({in_.data(), filled_})) return false;
    report_.detail = "the body goes on behind the length that its header states";
    return true;
}

void connection::finish(error_code cause)
{
    report_.outcome.cause = cause;
    report_.outcome.at = at();
    report_.outcome.reused = served_ != 0 || rested_;
    report_.outcome.sent = sent_;
    report_.outcome.answered = sent_ && reader_.started();
    if (at() != core::phase::response) report_.reusable = false;
    ++served_;
    if (dirty_ != 0) wipe(in_.data(), dirty_);
    filled_ = dirty_ = 0;
    notify(request_ ? &owner::answered : &owner::opened);
}

void connection::notify(void (owner::*what)(connection&))
{
    request_.reset();
    head_.reset();
    auto tell = [self = shared_from_this(), whose = std::move(owner_), what] {
        if (whose) ((*whose).*what)(*self);
    };
    begins_ ? asio::post(setup_->owner_strand, std::move(tell)) : asio::dispatch(setup_->owner_strand, std::move(tell));
}

}
