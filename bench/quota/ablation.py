#!/usr/bin/env python3
"""Removes one mechanism of the limiter at a time and runs the simulation without it: what does each one do?

   ablation.py [--build DIR] [--seeds N] [--only TEXT] [--json FILE] [--list]

   --build   where the copies and programs go (default: build/ablation)
   --seeds   runs of each scenario without a mechanism (default: 3); the whole limiter has ten at least
   --only    mechanisms whose name contains TEXT
   --json    the figures of each mechanism and scenario
   --list    names the mechanisms, and fails where the text of one is not in the limiter's sources once

   A scenario has moved where its mean, over the seeds and the server's four variants, is outside the range of the whole
   limiter's seeds. The table has them all; the sums of makespans leave out the days, which always take a day.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True

from cuts import CUTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORE = ROOT / "lib" / "core"
LIMITER = ["quota/rate_limiter.cpp", "quota/external_usage.cpp", "retry/retry.cpp"]
AT_LEAST = 10
FIGURES = ["makespan_s", "refused", "served", "steady_share", "jain"]


def text_without(file, text, instead):
    """The source with the cut made; fails where its text is not there exactly once."""
    whole = (CORE / file).read_text()
    if whole.count(text) != 1:
        sys.exit(f"lib/core/{file}: {whole.count(text)} times instead of once: {text!r}")
    return whole.replace(text, instead)


def copy_without(cut, to):
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(CORE, to / "core")
    if cut:
        (to / "core" / cut[0]).write_text(text_without(*cut))


def compile_all(sources, includes, to):
    to.mkdir(parents=True, exist_ok=True)
    launcher = [shutil.which("ccache")] if shutil.which("ccache") else []
    objects = [to / (source.stem + ".o") for source in sources]
    for source, made in zip(sources, objects):
        subprocess.run(launcher + [os.environ.get("CXX", "g++"), "-std=c++20", "-O2", "-w"] +
                       [f"-I{each}" for each in includes] + ["-c", source, "-o", made], check=True)
    return objects


class Simulation:
    def __init__(self, build):
        self.build = build
        self.includes = [ROOT / "lib", ROOT / "include", ROOT / "bench"]
        sources = [ROOT / "bench/quota_simulation.cpp", *sorted((ROOT / "bench/quota").glob("*.cpp")), CORE / "errors.cpp"]
        self.frame = compile_all(sources, self.includes, build / "frame")

    def without(self, cut):
        """The simulation's program without what is cut."""
        copy = self.build / "copy"
        copy_without(cut, copy)
        limiter = compile_all([copy / "core" / each for each in LIMITER], [copy, *self.includes], copy / "objects")
        program = copy / "simulation"
        subprocess.run([os.environ.get("CXX", "g++"), *limiter, *self.frame, "-o", program], check=True)
        return program


def rows_of(program, first, seeds):
    rows = program.with_suffix(".json")
    subprocess.run([program, "--seed", str(first), "--seeds", str(seeds), "--json", rows], check=True, stdout=subprocess.DEVNULL)
    return json.loads(rows.read_text())


def rows_without(program, whole, seeds):
    """Of the first seed only, where not one of its rows differs from the whole limiter's."""
    rows = rows_of(program, 1, 1)
    if seeds == 1 or count_changed(whole, rows) == 0:
        return rows
    return rows + rows_of(program, 2, seeds - 1)


def scenario_of(row):
    rival = f", {row['rival_fraction']:.0%}" if row["rival_fraction"] else ""
    processes = f", {row['processes']} processes" if row["processes"] > 1 else ""
    ids = f", {row['ids']} ids" if row["scenario"] == "idle token" else ""
    return row["scenario"] + rival + processes + ids


def by_scenario(rows):
    groups = {}
    for row in rows:
        groups.setdefault(scenario_of(row), []).append(row)
    return groups


def mean_of(rows):
    return {figure: statistics.fmean(row[figure] for row in rows) for figure in FIGURES}


def ranges_of(rows):
    """For each figure the least and the most of the seeds' means."""
    seeds = {}
    for row in rows:
        seeds.setdefault(row["seed"], []).append(row)
    means = [mean_of(each) for each in seeds.values()]
    return {figure: (min(each[figure] for each in means), max(each[figure] for each in means)) for figure in FIGURES}


def has_moved(mean, least, most):
    slack = 1e-9 + 0.001 * abs(most)
    return mean < least - slack or mean > most + slack


def moves(whole, without):
    """The scenarios and figures that moved, each with its mean before and after."""
    found = []
    for name, rows in by_scenario(without).items():
        before, after, ranges = mean_of(whole[name]), mean_of(rows), ranges_of(whole[name])
        found += [(name, figure, before[figure], after[figure]) for figure in FIGURES
                  if has_moved(after[figure], *ranges[figure])]
    return found


def sums(rows):
    """Hours of all makespans and refusals, of one seed, without the days; refusals of the days; rows with a broken bound."""
    seeds = len({row["seed"] for row in rows})
    days = [row for row in rows if row["scenario"] == "a day"]
    others = [row for row in rows if row["scenario"] != "a day" and row["makespan_s"] < 90 * 3600]
    return {"makespan": sum(row["makespan_s"] for row in others) / 3600 / seeds,
            "unfinished": (len(rows) - len(days) - len(others)) / seeds,
            "refused": sum(row["refused"] for row in others) / seeds, "days": sum(row["refused"] for row in days) / seeds,
            "broken": sum(row["broken"] != "" for row in rows), "rows": len(rows)}


def figure_text(figure, value):
    if figure == "makespan_s":
        return f"{value / 60:.1f} min"
    return f"{value:.1f}" if figure in ("refused", "served") else f"{value:.3f}"


def line(name, of, changed, moved):
    print(f"| {name} | {changed} | {of['makespan']:.1f} h | {of['unfinished']:.1f} | {of['refused']:.0f} | {of['days']:.0f} | "
          f"{of['broken']} | {len({each[0] for each in moved})} |", flush=True)
    for scenario, figure, before, after in moved:
        word = figure.removesuffix("_s").replace("_", " ")
        print(f"    {scenario}: {word} {figure_text(figure, before)} -> {figure_text(figure, after)}", flush=True)


def count_changed(whole, without):
    def key(row):
        return scenario_of(row), row["server"], row["seed"]
    before = {key(row): [row[figure] for figure in FIGURES] for row in whole}
    return sum(before[key(row)] != [row[figure] for figure in FIGURES] for row in without)


def parse():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "ablation")
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--only", default="")
    asked.add_argument("--json", type=pathlib.Path)
    asked.add_argument("--list", action="store_true")
    return asked.parse_args()


def main():
    wanted = parse()
    chosen = {name: cut for name, cut in CUTS.items() if wanted.only in name}
    if wanted.list:
        for name, cut in chosen.items():
            text_without(*cut)
            print(name)
        return
    simulation = Simulation(wanted.build)
    rows = rows_of(simulation.without(None), 1, max(wanted.seeds, AT_LEAST))
    whole = by_scenario(rows)
    print("| without | rows that differ | makespans | unfinished | refusals | in a day | broken bounds | scenarios moved |")
    print("|---|---|---|---|---|---|---|---|")
    line("nothing", sums([row for row in rows if row["seed"] <= wanted.seeds]), 0, [])
    kept = {"nothing": rows}
    for name, cut in chosen.items():
        kept[name] = rows_without(simulation.without(cut), rows, wanted.seeds)
        line(name, sums(kept[name]), f"{count_changed(rows, kept[name])} of {len(kept[name])}", moves(whole, kept[name]))
    if wanted.json:
        wanted.json.write_text(json.dumps(kept))


if __name__ == "__main__":
    main()
