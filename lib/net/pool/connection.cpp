#include "net/pool/connection.hpp"

#include "async/retry_for_memory.hpp"

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
        result_.reusable = false;
        finish(make_error_code(boost::system::errc::not_enough_memory));
    }
}

void connection::open(std::shared_ptr<owner> to)
{
    asio::post(strand_, [self = shared_from_this(), to = std::move(to)]() mutable {
        if (self->aborted_) return;
        self->owner_ = std::move(to);
        self->take_step([&] {
            self->dialling_ = self->setup_->network->dial(
                self->setup_->where, self->strand_, std::shared_ptr<dial_listener>(self, self.get()));
        });
    });
}

/// The lookup of the name and the TCP connection share one bound.
void connection::dial_enters(core::phase next)
{
    next == core::phase::proxy ? enter(next, setup_->limits.proxy) : phase_.store(next, std::memory_order_relaxed);
}

void connection::dial_ended(ended outcome)
{
    dialling_.reset();
    if (!aborted_) take_step([&] { begin_tls(std::move(outcome)); });
}

void connection::begin_tls(ended outcome)
{
    enter(outcome.failed ? outcome.at : core::phase::tls, setup_->limits.tls);
    result_.detail = std::move(outcome.detail);
    if (outcome.failed) return finish(outcome.failed);
    if (setup_->tls)
        stream_ = std::make_unique<stream>(std::move(outcome.wire),
            stream::tls_terms{*setup_->tls, setup_->where.host, setup_->sessions.get(), setup_->time->boot_now()});
    else
        stream_ = std::make_unique<stream>(std::move(outcome.wire));
    drive();
}

/// Between two requests nothing runs on the connection's strand, so the owner's strand may set the members. The dispatch
/// begins at once if this thread runs the executor: a hop costs a look at the reactor, and the owner does not wait for it.
void connection::run(
    std::shared_ptr<const request> request, std::shared_ptr<const secret_bytes> head, std::shared_ptr<owner> to)
{
    owner_ = std::move(to);
    request_ = std::move(request);
    head_ = std::move(head);
    asio::dispatch(strand_, [self = shared_from_this()] {
        const core::scoped_flag begins(self->begins_);
        self->take_step([&] { self->begin(); });
    });
}

void connection::begin()
{
    if (aborted_) return;
    result_ = {};
    sent_ = false;
    enter(core::phase::write, setup_->limits.first_byte);
    // Bytes that came before the request was written are no response to it (RFC 9112 §9.2). On a new connection the beginning
    // of a record is a session ticket.
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
    async::retry_for_memory([this] {
        asio::post(strand_, [self = shared_from_this()] {
            self->aborted_ = true;
            self->owner_.reset();
            if (const auto attempt = self->dialling_.lock()) attempt->discard();
            if (self->stream_) self->stream_->close();
        });
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

bool connection::wait_for(wire::direction direction)
{
    stream_->below().wait(direction, std::shared_ptr<wire::waiter>(shared_from_this(), this));
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
    if (got.state != stream::state::done) return stopped(got);
    enter(core::phase::response, {});
    notify(&owner::opened);
    return false;
}

bool connection::advance_write()
{
    const auto got = stream_->send({out_.data() + written_, out_.size() - written_});
    sent_ = true;
    if (got.state != stream::state::done) return stopped(got);
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
    if (got.state == stream::state::closed || got.state == stream::state::cut)
        return no_more_bytes(got.state == stream::state::closed);
    if (got.state != stream::state::done) return stopped(got);
    return feed(got.bytes);
}

/// Bytes that the reader does not take yet stay at the front of the buffer. A complete response ends the exchange.
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

/// The stream made no progress: wait for the wire, or end the exchange.
bool connection::stopped(const stream::progress& got)
{
    if (got.state == stream::state::wants_receive) return wait_for(wire::direction::receive);
    if (got.state == stream::state::wants_send) return wait_for(wire::direction::send);
    if (got.state != stream::state::failed) return finish(errc::closed_before_response), false;
    if (!stream_->fault().empty()) result_.detail = stream_->fault();
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

/// Surplus bytes would pass for the next response, so the connection is not used again; after a body they show that the
/// header's length is wrong, and the body incomplete.
void connection::complete()
{
    const bool surplus = filled_ != 0 || (stream_->has_pending() && !stream_->is_quiet());
    const bool cut = surplus && reader_.has_length() && body_goes_on();
    result_.reusable = reader_.keeps_alive() && !surplus;
    result_.response = reader_.take(setup_->time->wall_now());
    result_.outcome.status = result_.response.status;
    result_.outcome.hints = result_.response.hints;
    enter(core::phase::response, {});

    const unsigned status = result_.response.status;
    error_code cause;
    if (status >= 300 && status < 400)
        cause = errc::redirected;
    else if (status != 200)
        cause = http_error(status);
    else if (cut)
        cause = errc::truncated;
    else if (request_->check)
        cause =
            request_->check(*request_, {result_.response.body.data(), result_.response.body.size()}, result_.detail);
    result_.outcome.of_api =
        status == 200
            ? !cause
            : status < 500 && core::is_json_object({result_.response.body.data(), result_.response.body.size()});
    // The response belongs to another request, or the connection leads to the wrong server.
    if (cause == errc::wrong_cluster || status == 421) result_.reusable = false;
    finish(cause);
}

/// True if the rest of the body follows its stated length.
bool connection::body_goes_on()
{
    if (filled_ == 0) {
        const auto got = stream_->receive(in_.data(), in_.size());
        if (got.state != stream::state::done) return false;
        filled_ = got.bytes;
        dirty_ = (std::max)(dirty_, filled_);
    }
    if (!core::is_rest_of_body({in_.data(), filled_})) return false;
    result_.detail = "the body goes on behind the length that its header states";
    return true;
}

void connection::finish(error_code cause)
{
    result_.outcome.cause = cause;
    result_.outcome.at = at();
    result_.outcome.reused = served_ != 0 || rested_;
    result_.outcome.sent = sent_;
    result_.outcome.answered = sent_ && reader_.started();
    if (at() != core::phase::response) result_.reusable = false;
    ++served_;
    if (dirty_ != 0) wipe(in_.data(), dirty_);
    filled_ = dirty_ = 0;
    notify(request_ ? &owner::answered : &owner::opened);
}

/// Within `begin` the caller may be the owner itself, in the middle of a step: it is told by a post then.
void connection::notify(void (owner::*event)(connection&))
{
    request_.reset();
    head_.reset();
    auto tell = [self = shared_from_this(), to = std::move(owner_), event] {
        if (to) ((*to).*event)(*self);
    };
    begins_ ? asio::post(setup_->owner_strand, std::move(tell)) : asio::dispatch(setup_->owner_strand, std::move(tell));
}

}
