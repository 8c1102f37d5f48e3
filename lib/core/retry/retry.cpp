#include "core/retry/retry.hpp"

#include <algorithm>

namespace doks::core {

using namespace std::chrono_literals;

bool is_stale(const outcome& ended) noexcept
{
    if (!ended.reused || ended.answered || ended.status != 0) return false;
    const bool during_exchange = ended.at == phase::write || ended.at == phase::first_byte;
    const auto& cause = ended.cause;
    return during_exchange &&
           (cause == errc::closed_before_response || cause == boost::system::errc::connection_reset ||
               cause == boost::system::errc::broken_pipe || cause == boost::system::errc::connection_aborted);
}

bool is_garbled(const outcome& ended) noexcept
{
    return ended.cause == errc::malformed_response || ended.cause == errc::not_a_kubeconfig ||
           ended.cause == errc::wrong_cluster;
}

duration full_jitter(duration base, duration cap, unsigned attempt, double unit) noexcept
{
    const unsigned doublings = (std::min)(attempt > 0 ? attempt - 1 : 0U, 20U);
    const duration::rep factor = duration::rep(1) << doublings;
    const duration ceiling = base > cap / factor ? cap : base * factor;
    return std::chrono::duration_cast<duration>(ceiling * unit);
}

duration wait_after_refusal(const response_hints& hints, wall_time now, unsigned refusals, double unit) noexcept
{
    duration wait{};
    if (hints.retry_after) {
        wait = (std::min<std::chrono::seconds>)(*hints.retry_after, 1h);
    } else if (hints.rate_limit.remaining.value_or(0) == 0) {
        wait = wait_for_reset(hints, now);
    }
    if (wait == 0s) wait = (std::min<duration>)(1s * (1LL << (std::min)(refusals, 6U)), 60s);
    return wait + jitter(wait, unit);
}

duration wait_for_reset(const response_hints& hints, wall_time now) noexcept
{
    if (!hints.rate_limit.reset) return 0s;
    const auto ahead = *hints.rate_limit.reset - hints.date.value_or(now) + 1s;
    return std::clamp<duration>(std::chrono::duration_cast<duration>(ahead), 0s, 1h);
}

duration jitter(duration wait, double unit) noexcept
{
    return std::chrono::duration_cast<duration>((std::min<duration>)(wait / 20, 10s) * unit);
}

instant later(instant now, duration by) noexcept { return by < never - now ? now + by : never; }

namespace {

/// A misdirected request (RFC 9110 §15.5.20), or a response that may be left over from the connection's last request.
bool is_of_connection(const outcome& ended)
{
    return ended.status == 421 ||
           (ended.reused && (ended.cause == errc::malformed_response || ended.cause == errc::wrong_cluster));
}

constexpr unsigned most_renewals = 2;
constexpr unsigned most_garbled = 3;

decision stop(stop_reason why) { return {verdict::stop, {}, false, why}; }

decision pay_for_retry(duration delay, bool fresh, const retry_rules& rules, retry_budget& budget, instant now,
    instant deadline, double unit)
{
    const bool affordable = budget.tokens() >= retry_budget::retry_cost;
    if (!affordable && !rules.is_bulk) return stop(stop_reason::budget);
    if (!affordable)
        delay = (std::max)(delay, rules.cap / 2 + std::chrono::duration_cast<duration>(rules.cap / 2 * unit));
    if (deadline != never && later(now, delay) >= deadline) return stop(stop_reason::deadline);
    budget.withdraw();
    return {verdict::retry, delay, fresh, {}};
}

duration backoff(const outcome& ended, const retry_rules& rules, unsigned attempts, double unit)
{
    const bool server_erred = ended.status >= 500;
    const duration base = server_erred ? rules.server_base : rules.base;
    const duration pause = rules.growth == growth::constant ? base : full_jitter(base, rules.cap, attempts, unit);
    if (ended.hints.retry_after.value_or(0s) == 0s) return pause;
    const duration hint = (std::min<std::chrono::seconds>)(*ended.hints.retry_after, 24h * 365);
    return hint + (std::min)(pause, hint / 20);
}

bool is_retried(const boost::system::error_code& cause, condition_set which)
{
    for (auto each = condition::transient; each <= condition::invalid;
         each = static_cast<condition>(static_cast<int>(each) + 1))
        if ((which & only(each)) != 0 && cause == make_error_condition(each)) return true;
    return false;
}

}

decision decide(const outcome& ended, const retry_state& so_far, const retry_rules& rules, retry_budget& budget,
    instant now, instant deadline, double unit)
{
    if (!ended.cause) {
        budget.deposit(so_far.retried);
        return {verdict::deliver, {}, false, {}};
    }
    if (ended.cause == condition::cancelled) return stop(stop_reason::cancelled);
    if (deadline != never && now >= deadline) return stop(stop_reason::deadline);
    const bool too_far = ended.hints.retry_after && *ended.hints.retry_after > rules.longest_hint;
    if (ended.status == 401 && so_far.renewals < most_renewals) return {verdict::renew_token, {}, false, {}};
    if (ended.status == 429)
        return too_far && !rules.is_bulk ? stop(stop_reason::deadline)
                                         : decision{verdict::wait_for_quota, {}, false, {}};
    if (is_stale(ended) && !so_far.resent) return {verdict::resend, {}, true, {}};

    const bool elsewhere = is_of_connection(ended) && !so_far.reconnected;
    const bool garbled = rules.is_bulk && is_garbled(ended);
    if (!elsewhere && !garbled && !is_retried(ended.cause, rules.retried)) return stop(stop_reason::permanent);
    if (garbled && so_far.garbled >= most_garbled) return stop(stop_reason::exhausted);
    // Three at most: these need no budget.
    if (garbled) return {verdict::retry, full_jitter(rules.base, rules.cap, so_far.garbled, unit), true, {}};
    if (!ended.replayable) return stop(stop_reason::not_replayable);
    if (so_far.attempts >= rules.attempts) return stop(stop_reason::exhausted);
    const duration delay = backoff(ended, rules, so_far.attempts, unit);
    if (too_far) return stop(stop_reason::deadline);
    return pay_for_retry(delay, elsewhere, rules, budget, now, deadline, unit);
}

}
