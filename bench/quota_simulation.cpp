#include "quota/plot.hpp"
#include "quota/report.hpp"

#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <span>
#include <stdexcept>

/** How long bulks take beside others on one token, and how often they are refused: the real limiter in virtual time.

    usage: bench_quota_simulation [--only TEXT] [--seed N] [--seeds N] [--json FILE] [--plot FILE.svg] [--trace FILE] [--check]

    One row for each scenario whose name contains TEXT and each of the server's four variants: of N seeds the worst. With --check the
    exit status tells whether all bounds hold.
*/

namespace {

struct options
{
    std::string only;
    std::uint64_t first_seed = 1;
    std::size_t seeds = 1;
    std::string json;
    std::string plot;
    std::string trace;
    bool check = false;
};

options parse(std::span<char*> arguments)
{
    options wanted;
    std::string seed = "1", seeds = "1";
    const std::map<std::string, std::string*> values{{"--only", &wanted.only}, {"--seed", &seed}, {"--seeds", &seeds},
        {"--json", &wanted.json}, {"--plot", &wanted.plot}, {"--trace", &wanted.trace}};
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string name = arguments[i];
        const auto value = values.find(name);
        if (name == "--check")
            wanted.check = true;
        else if (value != values.end() && i + 1 < arguments.size())
            *value->second = arguments[++i];
        else
            throw std::invalid_argument("unknown option, or one without its value: " + name);
    }
    wanted.first_seed = std::stoull(seed);
    wanted.seeds = std::stoul(seeds);
    if (wanted.seeds == 0) throw std::invalid_argument("--seeds 0: there is nothing to run");
    return wanted;
}

void write_file(const std::string& path, const std::function<void(std::ostream&)>& write)
{
    if (path.empty()) return;
    std::ofstream file(path);
    write(file);
    if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

quota::row run_one(const quota::scenario& of, std::ostream* trace)
{
    if (trace) *trace << "== " << of.name << ", " << variant(of.rules) << ", " << of.processes << '\n';
    quota::row one{of, quota::world(of, trace).run(), {}};
    one.best = best_possible(of, one.seen.served);
    return one;
}

std::vector<quota::row> worst_rows(std::span<const quota::row> rows, std::size_t seeds)
{
    std::vector<quota::row> worst;
    for (; !rows.empty(); rows = rows.subspan(seeds)) worst.push_back(worst_of(rows.first(seeds)));
    return worst;
}

/// All seeds of each scenario; the one with the most refusals is shown.
std::vector<quota::row> run_all(const options& wanted, std::ostream* trace)
{
    std::vector<quota::row> rows;
    quota::print_header(std::cout);
    for (auto& each : quota::all_scenarios()) {
        if (each.name.find(wanted.only) == std::string::npos) continue;
        const auto first = rows.size();
        for (std::size_t i = 0; i < wanted.seeds; ++i) {
            each.seed = wanted.first_seed + i;
            rows.push_back(run_one(each, trace));
        }
        quota::print_worst(std::cout, std::span(rows).subspan(first));
    }
    return rows;
}

}

int main(int argc, char** argv)
try {
    const auto wanted = parse({argv, static_cast<std::size_t>(argc)});
    std::ofstream trace;
    if (!wanted.trace.empty()) trace.open(wanted.trace);
    const auto rows = run_all(wanted, trace.is_open() ? &trace : nullptr);
    write_file(wanted.json, [&](auto& to) { quota::print_json(to, rows); });
    write_file(wanted.plot, [&](auto& to) { quota::draw(to, worst_rows(rows, wanted.seeds)); });
    std::size_t lacking = 0;
    for (const auto& each : rows)
        if (!broken(each).empty()) ++lacking;
    std::cout << rows.size() << " rows, " << lacking << " with a broken bound\n";
    return wanted.check && lacking != 0 ? 1 : 0;
} catch (const std::exception& failed) {
    std::cerr << failed.what() << '\n';
    return 2;
}
