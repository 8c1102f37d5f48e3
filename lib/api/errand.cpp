#include "api/errand.hpp"

#include "api/policed_call.hpp"
#include "api/requests.hpp"

namespace doks::api {

/// One request of an errand under the client's own plan.
class errand::request final : public net::call
{
public:
    request(std::shared_ptr<errand> of, net::call_plan plan, action then)
        : call(of->client_->transport, of->client_->account, std::move(plan))
        , of_(std::move(of))
        , then_(std::move(then))
    {}

private:
    void conclude(result<net::reply> outcome) override
    {
        const auto of = std::move(of_);
        const auto then = std::exchange(then_, nullptr);
        of->heard(then, std::move(outcome));
    }
    void forsake() override
    {
        const auto dropped = std::move(of_);
        then_ = nullptr;
    }
    void describe(failure_record& record, const net::answer& said) const override { explain(record, said); }

    std::shared_ptr<errand> of_;
    action then_;
};

errand::errand(std::shared_ptr<const client_state> from)
    : client_(std::move(from))
{}

errand::~errand() { client_->transport->timers().clear(*this); }

void errand::start(const std::shared_ptr<errand>& made)
{
    asio::post(made->client_->transport->strand(), [made] {
        made->started_ = made->now();
        made->begin();
    });
}

void errand::ask(net::call_plan plan, action then)
{
    operation_ = plan.operation();
    if (cancelled_) return fail(ended(cancelled_));
    if (!client_->own_policy) {
        const auto made = std::make_shared<request>(shared_from_this(), std::move(plan), std::move(then));
        running_ = made;
        return made->start();
    }
    auto done = [self = shared_from_this(), then = std::move(then)](result<net::reply> outcome) {
        asio::post(self->client_->transport->strand(),
            [self, then, outcome = std::move(outcome)]() mutable { self->heard(then, std::move(outcome)); });
    };
    const auto made = std::make_shared<policed_call>(client_, std::move(plan), std::move(done));
    running_ = made;
    made->start();
}

void errand::heard(const action& then, result<net::reply> outcome)
{
    running_.reset();
    if (outcome) {
        count(outcome->info);
        return cancelled_ ? fail(ended(cancelled_)) : then(std::move(outcome));
    }
    auto record = outcome.error().record();
    count(record.info);
    if (cancelled_ && record.code != cancelled_) return fail(ended(cancelled_));
    cancelled_ ? fail(failure(std::move(record))) : then(failure(std::move(record)));
}

void errand::count(call_info& one)
{
    one.attempts += spent_.attempts;
    one.resends += spent_.resends;
    one.elapsed = now() - started_;
    spent_ = one;
}

failure_record errand::blank_record() const
{
    failure_record record;
    record.operation = operation_;
    record.info = spent_;
    record.info.elapsed = now() - started_;
    return record;
}

failure errand::ended(boost::system::error_code why) const
{
    auto record = blank_record();
    record.code = why;
    record.why = stop_reason::cancelled;
    return failure(std::move(record));
}

void errand::pause_until(core::instant at)
{
    if (!client_->transport->enlist(*this)) return fail(ended(errc::draining));
    paused_ = shared_from_this();
    client_->transport->timers().set(*this, at);
}

std::shared_ptr<errand> errand::end_pause()
{
    client_->transport->timers().clear(*this);
    client_->transport->dismiss(*this);
    return std::move(paused_);
}

void errand::due(core::instant)
{
    const auto self = end_pause();
    resume();
}

void errand::cancel(boost::system::error_code why)
{
    if (const auto running = running_.lock()) {
        cancelled_ = why;
        return running->cancel(why);
    }
    if (!paused_) {
        cancelled_ = why;
        return;
    }
    const auto self = end_pause();
    fail(ended(why));
}

/// The context is being destroyed: with the errand its handler goes, uncalled.
void errand::abandon() { const auto self = end_pause(); }

}
