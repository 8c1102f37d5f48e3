#include "quota/scenario.hpp"

#include <algorithm>

namespace quota {

using namespace std::chrono_literals;

namespace {

/// So many requests within two seconds at the start of each minute, as a bulk spends them.
void add_bursts(std::vector<duration>& used, duration first, int minutes, int each)
{
    for (int minute = 0; minute < minutes; ++minute)
        for (int i = 0; i < each; ++i) used.push_back(first + minute * 1min + i * 2s / each);
}

void add_evenly(std::vector<duration>& used, duration first, duration span, int count)
{
    for (int i = 0; i < count; ++i) used.push_back(first + span / count * i);
}

std::vector<scenario> idle_tokens()
{
    std::vector<scenario> all;
    for (const std::size_t ids : {1'000, 5'000, 10'000, 50'000})
        all.push_back({.name = "idle token", .judged_by = bound::idle, .ids = ids});
    all.push_back({.name = "four tokens", .judged_by = bound::idle, .ids = 3'000, .processes = 4, .tokens = 4});
    return all;
}

std::vector<scenario> rivals()
{
    std::vector<scenario> all;
    for (const double fraction : {0.1, 0.5, 0.9}) {
        const auto judged = fraction == 0.5 ? bound::shared : bound::none;
        const auto windows = doks::digitalocean_limits();
        all.push_back(
            {.name = "rival, minute", .judged_by = judged, .ids = 1'000, .rival = {fraction, windows.front(), 2min}});
        all.push_back(
            {.name = "rival, hour", .judged_by = judged, .ids = 10'000, .rival = {fraction, windows.back(), 1h}});
    }
    return all;
}

std::vector<scenario> crowds()
{
    std::vector<scenario> all;
    for (const std::size_t processes : {2, 10, 50})
        all.push_back({.name = "start together", .ids = 4'000, .processes = processes});
    for (const std::size_t processes : {2, 10, 50}) {
        scenario herd{.name = "hour used up", .judged_by = bound::herd, .ids = 1'000, .processes = processes};
        add_bursts(herd.used, -50min, 20, 250);
        herd.spread = 10s;
        all.push_back(herd);
    }
    return all;
}

std::vector<scenario> restarts()
{
    scenario minute{.name = "restart, 250 in 30 s", .judged_by = bound::restart};
    add_evenly(minute.used, -30s, 30s, 250);
    scenario hour{.name = "restart, 3000 evenly", .judged_by = bound::restart};
    add_evenly(hour.used, -1h + 1s, 1h - 1s, 3'000);
    scenario bursts{.name = "restart, 12 bursts", .judged_by = bound::restart};
    add_bursts(bursts.used, -11min - 30s, 12, 250);
    return {minute, hour, bursts};
}

std::vector<scenario> days()
{
    return {{.name = "a day", .judged_by = bound::day, .ids = 150'000, .processes = 50, .horizon = 24h}};
}

}

std::string variant(const server_rules& rules)
{
    return std::string(rules.minute_slides ? "sliding" : "fixed") + (rules.refusals_count ? ", 429 counts" : "");
}

bool is_exhausted(const scenario& of) { return of.used.size() >= 5'000; }

std::vector<scenario> all_scenarios()
{
    std::vector<scenario> all;
    for (const auto part : {idle_tokens, rivals, crowds, restarts, days})
        for (auto& each : part())
            for (const bool slides : {true, false})
                for (const bool count : {false, true}) {
                    each.rules = {slides, count};
                    all.push_back(each);
                }
    return all;
}

duration best_possible(const scenario& of, std::size_t ids)
{
    auto windows = doks::digitalocean_limits();
    for (auto& window : windows) {
        const std::size_t left = window.limit - (std::min)(window.limit - 1, of.rival.within(window.per));
        window.limit = window.per == 1h ? (std::max)(left, window.limit / 2) : left;
    }
    auto at = of.used;
    for (std::size_t i = 0; i < ids / of.tokens; ++i) {
        duration earliest{};
        for (const auto& window : windows)
            if (at.size() >= window.limit) earliest = (std::max)(earliest, at[at.size() - window.limit] + window.per);
        at.push_back(earliest);
    }
    return ids == 0 ? duration() : at.back();
}

}
