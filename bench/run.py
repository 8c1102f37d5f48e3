#!/usr/bin/env python3
"""Runs the comparison with other clients; bench/run.sh builds everything first.

   run.py --build DIR [--quick] [--json FILE] [--plots DIR]
   run.py --markdown results.json

   --quick     few requests, to see that everything still runs; the plots go beside the results
   --json      where the results go (default: bench/results.json in the build folder)
   --plots     where the plots go (default: the folder of this script)
   --markdown  prints the tables of results that are there, and runs nothing
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from harness import counts, extras, plots, report, rounds
from harness.clients import BENCH, Clients, cores
from harness.nginx import Nginx

FULL = {"rounds": 5, "requests": {1: 20000, 16: 60000}, "curve": [1, 4, 16, 64, 256, 1000], "curve_rounds": 3,
        "curve_requests": 20000, "traced": 2000, "instructed": 1000, "calls": 5000, "ids": 100000, "idle": 1000,
        "resumed": 4000, "starts": 7, "deadlines": 200000, "deadline_runs": 3, "compiled": 3}
QUICK = {"rounds": 1, "requests": {1: 1000, 16: 2000}, "curve": [1, 16, 64], "curve_rounds": 1, "curve_requests": 1000,
         "traced": 200, "instructed": 100, "calls": 500, "ids": 5000, "idle": 100, "resumed": 1000, "starts": 1,
         "deadlines": 5000, "deadline_runs": 1, "compiled": 1}
COUNTED = ["floor", "prototype", "beast", "beast_timeouts", "curl", "doks", "doks_gated"]
DRAWN = ["floor", "prototype", "beast", "beast_timeouts", "curl", "doks", "godo", "undici"]


def version_of(*command):
    try:
        ended = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return (ended.stdout + ended.stderr).split("\n")[0]


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text()
    processor = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "unknown")
    asked = {"GCC": ("g++", "-dumpfullversion"), "OpenSSL": ("openssl", "version"), "libcurl": ("curl-config", "--version"),
             "Go": ("go", "version"), "Node": ("node", "--version")}
    found = {name: version_of(*command) for name, command in asked.items()}
    number = {name: next((word.strip("v").removeprefix("go") for word in text.split() if any(c.isdigit() for c in word)), text)
              for name, text in found.items() if text}
    return {"processor": processor, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "load_before": round(os.getloadavg()[0], 2), "versions": number}


def say(what):
    print(f"bench: {what}", file=sys.stderr)


def compare(clients, how):
    seen = {count: rounds.run_rounds(clients, clients.names, count, requests, how["rounds"])
            for count, requests in how["requests"].items()}
    drawn = [name for name in DRAWN if name in clients.names]
    curve = {count: rounds.run_rounds(clients, drawn, count, max(how["curve_requests"], 20 * count), how["curve_rounds"])
             for count in how["curve"]}
    return {"clients": {str(count): rounds.medians(runs) for count, runs in seen.items()},
            "ratios": {str(count): rounds.ratios(runs) for count, runs in seen.items()},
            "ratios_gated": {str(count): rounds.ratios(runs, "doks_gated") for count, runs in seen.items()},
            "curve": {str(count): rounds.medians(runs) for count, runs in curve.items()},
            "growth": {str(count): rounds.ratio(runs, "doks", "prototype") for count, runs in curve.items()}}


def count_everything(clients, how):
    names = [name for name in COUNTED if name in clients.names]
    say("system calls")
    calls = {str(count): {name: counts.system_calls(clients, name, count, how["traced"]) for name in names}
             for count in (1, 16)}
    say("instructions")
    executed = {name: counts.instructions(clients, name, 16, how["instructed"]) for name in names}
    allocated = counts.allocations(clients, how["calls"])
    return {"syscalls": {count: {name: of for name, of in found.items() if of} for count, found in calls.items()},
            "instructions": {name: of for name, of in executed.items() if of}, "allocations": allocated}


def ask_the_rest(clients, how):
    found = {}
    say("memory")
    found["memory"] = extras.memory(clients, how["ids"], how["idle"])
    say("resumption, cold start, deadlines, time to compile")
    found["resumption"] = extras.resumption(clients, how["resumed"])
    found["cold_start"] = extras.cold_start(clients, how["starts"])
    found["deadlines"] = extras.deadlines(clients, how["deadlines"], how["deadline_runs"])
    found["compile_time"] = extras.compile_time(BENCH.parent, how["compiled"])
    return found


def headline(results):
    """The figures that the targets speak of, by themselves."""
    measured = results["ratios"]["16"]
    found = {key: measured[key]["median"] if key in measured else None for key in rounds.AGAINST}
    one, many = (results["syscalls"][count].get("doks", {}).get("total") for count in ("1", "16"))
    return {**found, "syscalls_per_request": many, "syscalls_per_request_at_one": one,
            "instructions_per_request": results["instructions"].get("doks"),
            "allocations_per_request": results["allocations"].get("default stack, co_await"),
            "p50_vs_floor": results["ratios"]["1"]["p50_vs_floor"]["median"],
            "resumption_rate": results["resumption"]["resumption_rate"],
            "rss_growth_100k_ids_mib": results["memory"]["rss_growth_mib"],
            "bytes_per_idle_connection": results["memory"]["bytes_per_idle_connection"],
            "cold_start_beyond_round_trips_ms": results["cold_start"]["beyond_round_trips_ms"],
            "compile_time_ratio": results["compile_time"]["ratio"],
            "deadline_overshoot_p999_ms": results["deadlines"]["deadline_overshoot_p999_ms"]}


def run(build, how):
    results = {"machine": machine(), "settings": how}
    client_core, server_core = cores()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(8192, hard)), hard))
    with tempfile.TemporaryDirectory(prefix="doks-bench-") as folder, Nginx(folder, server_core) as server:
        clients = Clients(build, server, client_core)
        results.update(compare(clients, how))
        results.update(count_everything(clients, how))
        results.update(ask_the_rest(clients, how))
    return {**headline(results), **results}


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    for name in ("build", "json", "plots", "markdown"):
        options.add_argument(f"--{name}", type=pathlib.Path)
    options.add_argument("--quick", action="store_true")
    given = options.parse_args()
    if given.markdown:
        return print("\n".join(report.markdown(json.loads(given.markdown.read_text()))))
    if not given.build:
        options.error("--build is needed")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    results = run(given.build.resolve(), QUICK if given.quick else FULL)
    file = given.json or given.build / "bench/results.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n")
    plots.draw(results["curve"], given.plots or (file.parent if given.quick else BENCH))
    print("\n".join(report.markdown(results)))
    say(f"results: {file}")


if __name__ == "__main__":
    main()
