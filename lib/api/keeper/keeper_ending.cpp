#include "api/keeper/keeper_state.hpp"

#include "api/requests.hpp"

#include <boost/asio/error.hpp>

#include <tuple>
#include <utility>

namespace doks::api {

/// Whoever waits for the end of everything, and how long that may take.
struct keeper_state::drainage final : core::timer
{
    drainage(keeper_state& whose, boost::asio::any_completion_handler<void()> who)
        : of(whose)
        , done(std::make_shared<async::completion<void()>>(std::move(who), of.transport().home()))
    {}
    ~drainage() override { of.transport().timers().clear(*this); }

    void due(core::instant) override
    {
        of.end_all();
        of.finish_drain();
    }

    /// Everybody who asked.
    void finish()
    {
        done->finish([] { return std::tuple<>(); });
        for (auto& each : others) each->finish([] { return std::tuple<>(); });
    }

    keeper_state& of;
    std::shared_ptr<async::completion<void()>> done;
    std::vector<std::shared_ptr<async::completion<void()>>> others;
};

failure keeper_state::ended(const std::string& id, boost::system::error_code why)
{
    failure_record record;
    record.operation = "GET kubeconfig of cluster " + id;
    record.code = why;
    record.why = stop_reason::cancelled;
    return failure(std::move(record));
}

void keeper_state::drain(core::duration bound, boost::asio::any_completion_handler<void()> who)
{
    auto waiting = std::make_shared<drainage>(*this, std::move(who));
    on_strand([waiting = std::move(waiting), bound](keeper_state& self) {
        if (self.closed_) return waiting->finish();
        if (self.drainage_) return self.drainage_->others.push_back(waiting->done);
        self.drainage_ = waiting;
        self.transport().timers().set(*waiting, core::later(self.transport().timers().now(), bound));
        self.queue_.clear();
        self.for_each([&](keeper_entry& each) {
            self.due_.clear(each);
            each.queued = false;
            if (each.flight && each.flight->waits_for_quota()) self.cut(each);
            if (!each.flight && !each.looking) self.answer(each, ended(each.key.id, errc::stopped));
        });
        self.arm();
        self.drained_if_idle();
    });
}

void keeper_state::drained_if_idle()
{
    if (!drainage_ || counts_.in_flight != 0 || (store_ && !store_->is_idle())) return;
    finish_drain();
}

void keeper_state::finish_drain()
{
    const auto waiting = std::exchange(drainage_, nullptr);
    end_all();
    waiting->finish();
}

void keeper_state::cut(keeper_entry& which)
{
    std::exchange(which.flight, nullptr)->cancel(boost::asio::error::operation_aborted);
    --counts_.in_flight;
}

void keeper_state::end_all()
{
    std::vector<std::weak_ptr<keeper_changes>> readers;
    {
        const lock guard(mutex_);
        closed_ = true;
        readers.swap(readers_);
    }
    queue_.clear();
    for_each([&](keeper_entry& each) {
        due_.clear(each);
        if (each.flight) cut(each);
        answer(each, ended(each.key.id, errc::stopped));
    });
    arm();
    for (const auto& each : readers)
        if (const auto reader = each.lock()) reader->close();
    const lock guard(mutex_);
    unkept_.clear();
    entries_.clear();
}

void keeper_state::close()
{
    on_strand([](keeper_state& self) {
        if (self.closed_) return;
        self.drainage_ ? self.finish_drain() : self.end_all();
    });
}

/// What the directory is asked for holds this.
std::shared_ptr<void> keeper_state::discard()
{
    return {nullptr, [self = weak_from_this().lock()](void*) {
                if (self && self->store_) self->store_->abandon();
            }};
}

}
