#include "quota/plot.hpp"

#include "quota/canvas.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

// Draws the simulation's rows: makespans beside the optimum, refusals below.

namespace quota {

namespace {

constexpr double width = 760;
constexpr double makespan_top = 50, makespan_bottom = 330;
constexpr double refusals_top = 420, row_height = 17;
constexpr double left = 90, right = 730, labels = 260;
const std::string grey = "#dddddd", black = "#333333";

std::size_t variant_index(const server_rules& rules)
{
    return (rules.minute_slides ? 0U : 2U) + (rules.refusals_count ? 1U : 0U);
}

const std::string& color_of(const server_rules& rules)
{
    static const std::string colors[] = {"#0072b2", "#56b4e9", "#d55e00", "#e69f00"};
    return colors[variant_index(rules)];
}

std::string label_of(const scenario& of)
{
    if (of.judged_by == bound::idle && of.tokens == 1) return of.name + ", " + std::to_string(of.ids) + " ids";
    if (of.rival.fraction != 0)
        return of.name + " " + std::to_string(static_cast<int>(std::lround(of.rival.fraction * 100))) + " %";
    return of.processes == 1 ? of.name : of.name + ", " + std::to_string(of.processes) + " processes";
}

void draw_legend(canvas& on)
{
    double x = left;
    for (const bool slides : {true, false})
        for (const bool count : {false, true}) {
            const server_rules rules{slides, count};
            on.dot({x, 392}, 4, color_of(rules));
            on.text({x + 8, 396}, variant(rules));
            x += 150;
        }
}

void draw_makespan_axes(canvas& on, const log_axis& ids, const log_axis& minutes)
{
    on.text({left, 28}, "Makespan on an idle token (dots) beside the best possible (line)", side::left, 15);
    for (const int value : {1'000, 5'000, 10'000, 50'000}) {
        on.line({ids(value), makespan_top}, {ids(value), makespan_bottom}, grey);
        on.text({ids(value), makespan_bottom + 18}, std::to_string(value), side::middle);
    }
    for (const int value : {3, 10, 30, 100, 300, 600}) {
        on.line({left, minutes(value)}, {right, minutes(value)}, grey);
        on.text({left - 8, minutes(value) + 4}, std::to_string(value) + " min", side::right);
    }
    on.text({right, makespan_bottom + 36}, "ids", side::right);
}

void draw_makespans(canvas& on, const std::vector<row>& rows)
{
    const log_axis ids(800, 62'500, left, right);
    const log_axis minutes(2.5, 700, makespan_bottom, makespan_top);
    draw_makespan_axes(on, ids, minutes);
    std::map<std::size_t, double> best;
    for (const auto& one : rows)
        if (one.of.judged_by == bound::idle && one.of.tokens == 1) best[one.of.ids] = seconds(one.best) / 60;
    const std::pair<const std::size_t, double>* before = nullptr;
    for (const auto& each : best) {
        const point here{ids(static_cast<double>(each.first)), minutes(each.second)};
        if (before) on.line({ids(static_cast<double>(before->first)), minutes(before->second)}, here, black);
        before = &each;
    }
    for (const auto& one : rows) {
        if (one.of.judged_by != bound::idle || one.of.tokens != 1) continue;
        const double radius = 3 + 2.5 * static_cast<double>(variant_index(one.of.rules));
        const point at{ids(static_cast<double>(one.of.ids)), minutes(seconds(one.seen.makespan) / 60)};
        on.ring(at, radius, color_of(one.of.rules));
    }
}

void draw_refusal_axis(canvas& on, const log_axis& percent, double bottom)
{
    on.text({left, refusals_top - 52}, "Refusals, % of our requests", side::left, 15);
    for (const double value : {0.01, 0.1, 1.0, 10.0, 100.0}) {
        const double x = percent(value);
        on.line({x, refusals_top - 8}, {x, bottom}, grey);
        std::string words = value < 0.05 ? "0" : value < 0.5 ? "0.1" : std::to_string(static_cast<int>(value));
        on.text({x, bottom + 16}, words, side::middle);
    }
    on.line({percent(2), refusals_top - 8}, {percent(2), bottom}, "#999999");
    on.text({percent(2), bottom + 16}, "2", side::middle);
}

void draw_refusals(canvas& on, const std::vector<row>& rows, const std::vector<std::string>& names)
{
    const log_axis percent(0.01, 100, labels, right - 10);
    const double bottom = refusals_top + row_height * static_cast<double>(names.size());
    draw_refusal_axis(on, percent, bottom);
    draw_legend(on);
    double label_y = refusals_top + row_height / 2 + 4;
    for (const auto& name : names) {
        on.text({labels - 14, label_y}, name, side::right);
        label_y += row_height;
    }
    for (const auto& one : rows) {
        const auto place = std::find(names.begin(), names.end(), label_of(one.of)) - names.begin();
        const double y = refusals_top + row_height * (static_cast<double>(place) + 0.5);
        const double apart = 2.0 * static_cast<double>(variant_index(one.of.rules)) - 3;
        on.dot({percent(one.refused_percent()), y + apart}, 3, color_of(one.of.rules));
    }
}

}

void draw(std::ostream& to, const std::vector<row>& rows)
{
    std::vector<std::string> names;
    for (const auto& one : rows)
        if (std::find(names.begin(), names.end(), label_of(one.of)) == names.end()) names.push_back(label_of(one.of));
    canvas on(to, width, refusals_top + row_height * static_cast<double>(names.size()) + 30);
    draw_makespans(on, rows);
    draw_refusals(on, rows, names);
}

}
