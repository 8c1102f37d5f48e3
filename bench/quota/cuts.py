"""The limiter's mechanisms, and how each is cut out of a copy of its sources: a text that occurs once, and what replaces it.

A cut may change what functions do, and no class's layout: only the limiter's own sources are compiled with it.
"""

LIMITER = "quota/rate_limiter.cpp"
USAGE = "quota/external_usage.cpp"
USAGE_HEADER = "quota/external_usage.hpp"
PACER = "quota/aimd_pacer.hpp"
LIMIT = "quota/effective_limit.hpp"
CLOCK = "quota/server_clock.hpp"
RETRY = "retry/retry.cpp"

CUTS = {
    # How it begins, and comes back after a refusal.
    "the probe at the beginning": (LIMITER, "    state_ = state::closed;\n}\n\nvoid rate_limiter::restrict_to", "}\n\nvoid rate_limiter::restrict_to"),
    "the second probe while the first one is slow": (LIMITER, "(generation_ == 0 ? pause : longest_probe)", "longest_probe"),
    "a probe's end without a response": (LIMITER, "state_ == state::probing && now < probe_due_", "state_ == state::probing"),
    "the pause after a probe": (LIMITER, "if (generation_ != 0) resume_ = now + pause;", ""),
    "63 more at once on an idle token": (LIMITER, "step_while_idle = 63", "step_while_idle = 1"),
    "the ramp": (LIMITER, "if (ramp_ != unlimited) ramp_ += idle ? step_while_idle : 1;", "ramp_ = unlimited;"),
    "the ramp after a refusal": (LIMITER, "idle = generation_ == 0 && external_", "idle = external_"),
    "one closure for a burst of refusals": (LIMITER, """    if (used.generation != generation_) {
        until_ = (std::max)(until_, until);
        return;
    }
    ++generation_;""", "    ++generation_;"),
    "the spread after a refusal beside others": (LIMITER, "pace_.spacing() * at.unit", "pace_.spacing() * 0"),
    "the jitter of waits": (RETRY, "(std::min<duration>)(wait / 20, 10s) * unit", "wait * 0"),
    "silence of a refusal by the minute about the hour": (LIMITER, "if (!said.retry_after) learn", "learn"),
    # The pace beside others.
    "the pacer": (PACER, "{ return spacing_; }", "{ return {}; }"),
    "pacer: twice as slow with each further refusal": (PACER, ": 2 * spacing_;", ": spacing_;"),
    "pacer: a fifth of a window at most at first": (PACER, "(std::min)(even, window / 5)", "even"),
    "pacer: one window at most": (PACER, "spacing_ = (std::min)(wanted, window);", "spacing_ = wanted;"),
    "pacer: faster where the others are quiet": (PACER, "others < window.limit / 4 ? 0.75 : 0.125", "true ? 0.125 : static_cast<double>(others)"),
    "pacer: an eighth closer with each window": (PACER, "? 0.75 : 0.125", "? 0.75 : 0.0"),
    "pacer: its end at the window's own pace": (PACER, "if (spacing_ < window.per / static_cast<duration::rep>(window.limit)) spacing_ = duration::zero();", ""),
    "what is crowded (all refusals beside others are)": (LIMITER, "return !by_minute || external_.recent() > shortest.limit / 5 * 4;", "return by_minute || shortest.limit != 0;"),
    "what is crowded: by the minute while others use it": (LIMITER, "return !by_minute || external_.recent() > shortest.limit / 5 * 4;", "return !by_minute && shortest.limit != 0;"),
    "what is crowded: not by the minute near the hour's end": (LIMITER, "said.retry_after && !is_nearly_used_up(now)", "said.retry_after.has_value()"),
    # What a bulk leaves to others.
    "courtesy by the hour": (LIMITER, "instant at = within(longest, longest.limit, left_to_them, now);", "instant at = left_to_them == 0 ? never : now;"),
    "courtesy by the hour: half at most": (LIMITER, "(std::min)(in_hour, longest.limit / 2)", "(std::min)(in_hour, longest.limit)"),
    "courtesy by the hour: room for variation": (LIMITER, " + 3 * root(in_hour)", ""),
    "courtesy by the minute": (LIMITER, "at = (std::max)(at, within(shortest, shortest.limit, others, now));", ""),
    "courtesy by the minute: a fiftieth is ours": (LIMITER, "shortest.limit / 50, std::size_t(1)", "std::size_t(1), std::size_t(1)"),
    "courtesy by the minute: half while others are new": (LIMITER, "if (external_.is_new(now)) others = (std::max)(others, shortest.limit / 2);", ""),
    "courtesy by the minute: room for variation": (LIMITER, "others + root(others) * 2 / 3", "others"),
    # How many at once beside others.
    "how many go at once beside others": (LIMITER, "if (in_hour == 0) return ramp_;", "if (in_hour + 1 != 0) return ramp_;"),
    "our share at once": (LIMITER, "return (std::min)(ramp_, (std::max)(share, std::size_t(1)));", "return share == unlimited ? 1 : ramp_;"),
    "our share at once: all that is left instead of a share": (LIMITER, "less(window.limit, own + others) * own / (own + others)", "less(window.limit, own + others)"),
    "one at once while responses are stale": (LIMITER, " || external_.is_stale(now)", ""),
    "one at once while others are new": (LIMITER, " || external_.is_new(now)) return 1;", ") return 1;"),
    "one at once while the hour is nearly used up": (LIMITER, "if (is_nearly_used_up(now) || external_.is_stale", "if (external_.is_stale"),
    # What the responses report.
    "waiting by the account's own count": (LIMITER, "if (reported_limit_ == 0 || others == 0) return now;", "if (reported_limit_ + 1 != 0) return now;"),
    "the account's own count: at its reset one goes": (LIMITER, "in_flight_ == 0 ? reported_reset_ : now + window.per", "now + window.per"),
    "the next question": (LIMITER, "return asks ? reported_at_ + pause : never;", "return asks && pause < duration() ? reported_at_ : never;"),
    "the next question of a bulk": (LIMITER, " || (external_.is_in_doubt() && in_flight_ == 0)", ""),
    "the next question only where responses disagree": (LIMITER, "(external_.is_in_doubt() && in_flight_ == 0)", "in_flight_ == 0"),
    "the next question before a lowered limit": (LIMITER, "limit < given_[i].limit ? (std::min)(free, next_question(on.priority, pause_after_probe)) : free", "free"),
    "the round trip in the bounds": (LIMITER, "at.now - per + 2 * trip), since)", "at.now - per), since)"),
    "what came between in the bounds": (LIMITER, "less(log_.since(at.now - per + 2 * trip), since) + 1", "log_.since(at.now - per + 2 * trip) + 1"),
    "the lowest bounds count those under way": (LIMITER, "log_.since(used.sent - per) + in_flight_;", "log_.since(used.sent - per) + 1;"),
    "usage without a date": (USAGE, "        found_ = said.least;\n", ""),
    "what is not credible waits for another response": (USAGE, "known != 0 && said.least <= known + possible && known <= said.most + possible", "known + possible + 1 != 0"),
    "what tells of the first others waits for another response": (USAGE, "known != 0 && said.least", "said.least"),
    "what more than the minute allows waits for another response": (USAGE, "known != 0 && said.least <= known + possible && known <= said.most + possible", "known != 0 && possible + 1 != 0"),
    "what the last responses agree on": (USAGE_HEADER, "agreeing_ < answers_that_convince", "agreeing_ < 1"),
    "runs that are joined": (USAGE, "!runs_.empty() && now - runs_.back().first < shortest_ / 32", "!runs_.empty() && now == runs_.back().first"),
    # The limit, the clock, the log.
    "three responses that agree on a limit": (LIMIT, "answers_that_convince = 3", "answers_that_convince = 1"),
    "doubt of the limit": (LIMITER, "limit_in_doubt_ = !account_.heard(*quota.limit);", "account_.heard(*quota.limit);"),
    "a limit that others told": (LIMITER, "    windows_.back().limit = account_.limit();\n    resize_log();\n", ""),
    "ten times the limit at most": (LIMIT, "(std::min)(agreed_, ceiling_)", "agreed_"),
    "limits that no account can have": (LIMIT, "said > largest_sane || ", ""),
    "the server's clock, refined": (CLOCK, "if (!said.date) return said;", "return said;"),
    "the server's clock: its steps back": (CLOCK, "if (stepped_back || offset", "if (offset"),
    "the server's clock: drift": (CLOCK, "return *offset_ - (now - heard_) / drift;", "return *offset_ - (now - now) / drift;"),
    "a twenty-fifth left to single calls": (LIMITER, "on.reserved_slots.value_or(limit / 25)", "on.reserved_slots.value_or(0)"),
}
