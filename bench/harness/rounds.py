"""Runs the clients interleaved, and compares them within each round: absolute times of two rounds are not comparable."""

import statistics
import sys

AGAINST = {"cpu_vs_floor": "floor", "cpu_vs_prototype": "prototype", "cpu_vs_beast": "beast_timeouts",
           "cpu_vs_lean_beast": "beast", "cpu_vs_curl": "curl", "cpu_vs_godo": "godo", "cpu_vs_undici": "undici"}


def cpu(figures):
    return figures["user_us"] + figures["sys_us"]


def spread(values):
    return {"median": round(statistics.median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def run_rounds(clients, names, connections, requests, rounds):
    """Figures by client, one entry a round."""
    seen = {name: [] for name in names}
    for count in range(rounds):
        for name in names:
            print(f"{connections} connections, round {count + 1} of {rounds}: {name}", file=sys.stderr)
            seen[name].append(clients.run(name, connections, requests))
    return seen


def medians(seen):
    keys = ["user_us", "sys_us", "requests_per_second", "p50_us", "p99_us"]
    table = {}
    for name, runs in seen.items():
        table[name] = {key: round(statistics.median(run[key] for run in runs), 2) for key in keys}
        table[name]["cpu_us"] = spread([cpu(run) for run in runs])
        table[name]["name"] = runs[0]["client"]
    return table


def ratio(seen, of, to, what=cpu):
    """The figure of one client by that of another in the same round."""
    if of not in seen or to not in seen:
        return None
    return spread([what(mine) / what(other) for mine, other in zip(seen[of], seen[to])])


def ratios(seen, of="doks"):
    found = {key: ratio(seen, of, to) for key, to in AGAINST.items()}
    found["p50_vs_floor"] = ratio(seen, of, "floor", lambda run: run["p50_us"])
    found["p50_beast_vs_floor"] = ratio(seen, "beast_timeouts", "floor", lambda run: run["p50_us"])
    found["p99_vs_beast"] = ratio(seen, of, "beast_timeouts", lambda run: run["p99_us"])
    return {key: value for key, value in found.items() if value}
