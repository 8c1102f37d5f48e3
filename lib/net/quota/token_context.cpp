#include "net/quota/token_context.hpp"

#include "core/secret_text.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <string_view>
#include <utility>

namespace doks::net {

using namespace std::chrono_literals;
using core::append;

namespace {

failure no_token(std::string detail, std::string remedy)
{
    return failure(errc::no_token, {}, std::move(detail), std::move(remedy), core::to_string(core::phase::token));
}

/// No byte that could end or continue a header line.
bool is_sendable(std::string_view token)
{
    return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}

token_context::token_context(settings options, std::shared_ptr<async::timer_queue> timers)
    : settings_(std::move(options))
    , timers_(std::move(timers))
    , gate_(timers_, settings_.windows)
{}

token_context::~token_context() { settings_.secrets->forget(this); }

bool token_context::may_have_changed()
{
    constexpr auto pause = 1s;
    const auto now = timers_->now();
    if (now - checked_at_ < pause) return false;
    checked_at_ = now;
    return settings_.source.get() && settings_.source.get()->version() != version_;
}

bool token_context::ready(waiter& waiting)
{
    if (head_ && !fetching_ && !may_have_changed()) return true;
    waiting_.push_back(&waiting);
    fetch();
    return false;
}

bool token_context::renew(std::uint64_t refused, waiter& waiting)
{
    if (refused != generation_ && !fetching_) return true;
    waiting_.push_back(&waiting);
    after_refusal_ = after_refusal_ || refused == generation_;
    fetch();
    return false;
}

void token_context::withdraw(waiter& waiting) { std::erase(waiting_, &waiting); }

void token_context::fetch()
{
    if (fetching_) return;
    fetching_ = true;
    const auto& source = settings_.source.get();
    auto done = [self = shared_from_this()](result<secret> token) {
        asio::post(
            self->settings_.strand, [self, token = std::move(token)]() mutable { self->fetched(std::move(token)); });
    };
    try {
        if (!source) return done(no_token("no API token is configured", "give the client a token source"));
        version_ = source->version();
        source->fetch(settings_.user_executor, std::move(done));
    } catch (const std::bad_alloc&) {
        fetching_ = false; // it was not begun, so that nothing would end it
        version_ = 0;
        throw;
    }
}

void token_context::fetched(result<secret> token)
{
    fetching_ = false;
    const failure error = token ? try_to_use(*token) : token.error();
    after_refusal_ = false;
    bool lacks_memory = false;
    for (waiter* waiting : std::exchange(waiting_, {})) {
        try {
            waiting->token_ready(error);
        } catch (const std::bad_alloc&) {
            lacks_memory = true; // the others hear of it all the same
        }
    }
    if (lacks_memory) throw std::bad_alloc();
}

/// Those who wait have to hear of it, out of memory as well.
failure token_context::try_to_use(const secret& token)
{
    try {
        return use(token);
    } catch (const std::bad_alloc&) {
        version_ = 0; // look at the source again
        failure_record record;
        record.code = make_error_code(boost::system::errc::not_enough_memory);
        record.phase = core::to_string(core::phase::token);
        return failure(std::move(record));
    }
}

failure token_context::use(const secret& token)
{
    if (!is_sendable(token.reveal()))
        return no_token("the API token is empty or has characters that no token has (a line break, a space)",
            "check the token's source");
    if (head_ && token == token_)
        return after_refusal_ ? no_token("the API refused the token and its source has no other", "renew the token")
                              : failure();
    auto own = token;
    settings_.secrets->learn(this, own.reveal());
    auto head = std::make_shared<secret_bytes>();
    append(*head, settings_.fixed_header);
    append(*head, "Authorization: Bearer ");
    append(*head, own.reveal());
    append(*head, "\r\n\r\n");
    auto limiter = limiter_of(settings_.origin, own, settings_.windows);
    // From here on nothing allocates: token, header and limiter belong together.
    token_ = std::move(own);
    head_ = std::move(head);
    ++generation_;
    gate_.use(std::move(limiter));
    return {};
}

}
