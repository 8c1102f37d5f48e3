#include "quota/world.hpp"

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <numeric>
#include <ostream>

namespace quota {

using namespace std::chrono_literals;
using doks::core::never;

namespace {

/// Far enough from zero for everything that happened before.
constexpr instant start = instant() + 1000h;
constexpr duration shortest_leg = 20ms;
constexpr duration longest_leg = 200ms;

}

world::world(const scenario& of, std::ostream* trace)
    : of_(of)
    , trace_(trace)
    , rng_(of.seed)
    , clock_{start, wall_time(rng_.between(480'000h, 480'001h))}
    , wakes_(of.processes, never)
    , now_(start)
    , rival_next_(never)
    , last_answer_(start)
    , undone_(of.processes)
{
    populate();
}

void world::populate()
{
    for (std::size_t i = 0; i < of_.tokens; ++i) {
        servers_.emplace_back(of_.rules, clock_, start - 500h - rng_.between(0s, 1min));
        for (const auto when : of_.used) servers_.back().preload(start + when);
    }
    for (std::size_t i = 0; i < of_.processes; ++i) {
        const std::size_t ids = of_.ids / of_.processes + (i < of_.ids % of_.processes ? 1 : 0);
        processes_.emplace_back(ids, rng_.next());
        if (is_exhausted(of_)) processes_.back().watch_return_after(start + of_.used.front() + 1h);
        wakes_[i] = start + rng_.between(0s, of_.spread);
        alarms_.insert({wakes_[i], i});
    }
    if (of_.rival.fraction != 0) rival_next_ = start - of_.rival.lead;
}

figures world::run()
{
    const auto before = std::chrono::steady_clock::now();
    while (undone_ != 0 && step()) {
    }
    auto seen = measure();
    seen.real_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
    return seen;
}

bool world::step()
{
    const instant road = roads_.empty() ? never : roads_.top().at;
    const instant alarm = alarms_.empty() ? never : alarms_.begin()->first;
    now_ = (std::min)({road, alarm, rival_next_});
    if (now_ >= start + of_.horizon) return false;
    if (now_ == road)
        travel();
    else if (now_ == alarm)
        pump(alarms_.begin()->second);
    else
        rival_asks();
    return true;
}

void world::travel()
{
    auto one = roads_.top();
    roads_.pop();
    if (one.answered) return conclude(one);
    one.said = server_of(one.process).judge(now_);
    if (one.said.admitted) grants_.push_back({now_, true});
    one.answered = true;
    one.at = now_ + rng_.between(shortest_leg, longest_leg);
    roads_.push(one);
}

void world::conclude(const journey& one)
{
    auto& who = processes_[one.process];
    who.hear(one.ticket, one.said, now_, clock_.at(now_));
    note(one.process, one.said.admitted ? "200" : "429", &one.said);
    if (one.said.admitted) last_answer_ = now_;
    pump(one.process);
    if (!who.is_done()) return;
    --undone_;
    if (at_first_finish_.empty())
        for (const auto& each : processes_) at_first_finish_.push_back(each.served());
}

void world::pump(std::size_t process)
{
    auto& who = processes_[process];
    while (const auto ticket = who.try_send(now_)) {
        roads_.push({now_ + rng_.between(shortest_leg, longest_leg), ++order_, process, *ticket});
        note(process, "send", nullptr);
    }
    if (wakes_[process] != never) alarms_.erase({wakes_[process], process});
    wakes_[process] = who.wakes_at(now_).value_or(never);
    if (wakes_[process] != never) alarms_.insert({wakes_[process], process});
}

void world::rival_asks()
{
    const bool admitted = servers_.front().judge(now_).admitted;
    rival_next_ = now_ + rng_.exponential(of_.rival.pause());
    if (now_ < start) return;
    ++rival_asked_;
    admitted ? grants_.push_back({now_, false}) : void(++rival_refused_);
}

void world::note(std::size_t process, const char* what, const reply* said) const
{
    if (!trace_) return;
    const auto& limiter = processes_[process].limiter();
    const auto seconds = [](duration of) { return std::chrono::duration<double>(of).count(); };
    *trace_ << std::fixed << std::setprecision(3) << std::setw(10) << seconds(now_ - start) << " #" << process << ' '
            << what << " under way " << limiter.in_flight() << ", minute "
            << limiter.used(limiter.windows().front(), now_) << ", hour "
            << limiter.used(limiter.windows().back(), now_) << ", foreign " << limiter.external(now_);
    if (said) *trace_ << ", remaining " << *said->hints.rate_limit.remaining;
    if (said && said->hints.retry_after) *trace_ << ", retry after " << said->hints.retry_after->count();
    if (const auto until = limiter.closed_until()) *trace_ << ", closed until " << seconds(*until - start);
    *trace_ << '\n';
}

double world::share_until(instant end) const
{
    std::size_t ours = 0, all = 0;
    for (const auto& each : grants_) {
        if (each.at > end) continue;
        ++all;
        if (each.ours) ++ours;
    }
    return all == 0 ? 1 : static_cast<double>(ours) / static_cast<double>(all);
}

double world::fairness() const
{
    std::vector<std::size_t> counts = at_first_finish_;
    if (counts.empty())
        for (const auto& each : processes_) counts.push_back(each.served());
    double sum = 0, squares = 0;
    for (const auto each : counts) {
        sum += static_cast<double>(each);
        squares += static_cast<double>(each) * static_cast<double>(each);
    }
    return squares == 0 ? 1 : sum * sum / (static_cast<double>(counts.size()) * squares);
}

figures world::measure() const
{
    figures seen;
    seen.finished = undone_ == 0;
    seen.makespan = seen.finished ? last_answer_ - start : of_.horizon;
    for (const auto& each : processes_) {
        seen.sent += each.sent();
        seen.served += each.served();
        seen.refused += each.refused();
        seen.refused_after_reset += each.refused_after_reset();
        seen.first_second = (std::max)(seen.first_second, each.first_second());
    }
    seen.rival_asked = rival_asked_;
    seen.rival_refused = rival_refused_;
    const duration whole = seen.makespan / of_.rival.window.per * of_.rival.window.per;
    seen.share = share_until(start + seen.makespan);
    seen.steady_share = whole == 0s ? seen.share : share_until(start + whole);
    seen.jain = fairness();
    return seen;
}

}
