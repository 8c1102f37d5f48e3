#include "quota/report.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>
#include <set>

// The simulation's rows as a table and as JSON.

namespace quota {

namespace {

std::string number(double value, int decimals)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string padded(const std::string& text, std::size_t width, bool left = false)
{
    const std::string space(text.size() < width ? width - text.size() : 0, ' ');
    return left ? text + space + "  " : space + text + "  ";
}

std::string rival_text(const row& one)
{
    if (one.of.rival.fraction == 0) return "-";
    return number(one.of.rival.fraction * 100, 0) + " %";
}

std::string share_text(const row& one, double share) { return one.of.rival.fraction == 0 ? "-" : number(share, 3); }

std::string herd_text(const row& one, std::size_t count) { return is_exhausted(one.of) ? std::to_string(count) : "-"; }

std::string rival_refused(const row& one)
{
    if (one.seen.rival_asked == 0) return "-";
    return number(100.0 * static_cast<double>(one.seen.rival_refused) / static_cast<double>(one.seen.rival_asked), 1);
}

std::string verdict_text(std::span<const row> seeds)
{
    if (seeds.front().of.judged_by == bound::none) return "-";
    std::size_t count = 0;
    std::set<std::string> what;
    for (const auto& each : seeds) {
        const auto lacking = broken(each);
        if (lacking.empty()) continue;
        ++count;
        what.insert(lacking);
    }
    if (count == 0) return "ok";
    std::string text = "BROKEN";
    if (seeds.size() > 1) text += " " + std::to_string(count) + " of " + std::to_string(seeds.size());
    for (const auto& each : what) text += (&each == &*what.begin() ? ": " : "; ") + each;
    return text;
}

}

double seconds(duration of) { return std::chrono::duration<double>(of).count(); }

std::string clock_text(duration of)
{
    const auto whole = static_cast<long>(seconds(of) + 0.5);
    char text[64];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
    return text;
}

double row::ratio() const { return best == duration() ? 1 : seconds(seen.makespan) / seconds(best); }

double row::refused_percent() const
{
    return seen.sent == 0 ? 0 : 100.0 * static_cast<double>(seen.refused) / static_cast<double>(seen.sent);
}

void print_header(std::ostream& to)
{
    to << padded("scenario", 20, true) << padded("server", 19, true) << padded("proc", 4) << padded("ids", 6)
       << padded("rival", 5) << padded("makespan", 8) << padded("best", 8) << padded("ratio", 6) << padded("refused", 7)
       << padded("%", 5) << padded("share", 5) << padded("steady", 6) << padded("theirs %", 8) << padded("Jain", 5)
       << padded("1st s", 5) << padded("after", 5) << padded("real s", 6) << "bound\n";
}

const row& worst_of(std::span<const row> seeds)
{
    const auto fewer = [](const row& a, const row& b) { return a.seen.refused < b.seen.refused; };
    return *std::max_element(seeds.begin(), seeds.end(), fewer);
}

void print_worst(std::ostream& to, std::span<const row> seeds)
{
    const row& one = worst_of(seeds);
    const auto& seen = one.seen;
    to << padded(one.of.name, 20, true) << padded(variant(one.of.rules), 19, true)
       << padded(std::to_string(one.of.processes), 4)
       << padded(std::to_string(seen.finished ? one.of.ids : seen.served), 6) << padded(rival_text(one), 5)
       << padded(clock_text(seen.makespan), 8) << padded(clock_text(one.best), 8) << padded(number(one.ratio(), 3), 6)
       << padded(std::to_string(seen.refused), 7) << padded(number(one.refused_percent(), 2), 5)
       << padded(share_text(one, seen.share), 5) << padded(share_text(one, seen.steady_share), 6)
       << padded(rival_refused(one), 8) << padded(one.of.processes == 1 ? "-" : number(seen.jain, 3), 5)
       << padded(herd_text(one, seen.first_second), 5) << padded(herd_text(one, seen.refused_after_reset), 5)
       << padded(number(seen.real_seconds, 2), 6) << verdict_text(seeds) << std::endl;
}

void print_json(std::ostream& to, const std::vector<row>& rows)
{
    to << "[\n";
    for (const auto& one : rows) {
        const auto& seen = one.seen;
        to << R"(  {"scenario": ")" << one.of.name << R"(", "server": ")" << variant(one.of.rules) << R"(", "seed": )"
           << one.of.seed << R"(, "processes": )" << one.of.processes << R"(, "tokens": )" << one.of.tokens
           << R"(, "ids": )" << one.of.ids << R"(, "served": )" << seen.served << R"(, "rival_fraction": )"
           << one.of.rival.fraction << R"(, "rival_window_s": )" << seconds(one.of.rival.window.per)
           << R"(, "rival_asked": )" << seen.rival_asked << R"(, "rival_refused": )" << seen.rival_refused
           << R"(, "makespan_s": )" << seconds(seen.makespan) << R"(, "best_s": )" << seconds(one.best)
           << R"(, "ratio": )" << one.ratio() << R"(, "sent": )" << seen.sent << R"(, "refused": )" << seen.refused
           << R"(, "share": )" << seen.share << R"(, "steady_share": )" << seen.steady_share << R"(, "jain": )"
           << seen.jain << R"(, "first_second": )" << seen.first_second << R"(, "refused_after_reset": )"
           << seen.refused_after_reset << R"(, "real_s": )" << seen.real_seconds << R"(, "broken": ")" << broken(one)
           << R"("})" << (&one == &rows.back() ? "\n" : ",\n");
    }
    to << "]\n";
}

}
