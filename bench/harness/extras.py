"""The questions beside CPU: memory, resumption, cold start, deadlines, time to compile."""

import json
import os
import pathlib
import resource
import shlex
import statistics
import subprocess
import tempfile

from .delay import Distance

ROUND_TRIP_MS = 40


def program(clients, name, connections, requests):
    clients.commands[name] = [str(clients.build / "bench/peers" / name)]
    return clients.run(name, connections, requests)


def memory(clients, ids, connections):
    bulk = program(clients, "bulk_ids", 64, ids)
    idle = program(clients, "idle_connections", connections, 1)
    return {**bulk, **idle, "cpu_growth_with_ids": round(bulk["cpu_us_all_ids"] / bulk["cpu_us_1000_ids"], 3)}


def resumption(clients, requests):
    """The server closes each connection after ten requests; the first ones of a client have nothing to resume."""
    connections = 16
    before = len(clients.server.sessions())
    clients.run("doks", connections, requests, port=clients.server.brief)
    later = clients.server.sessions()[before + connections:]
    return {"reconnects": len(later), "resumption_rate": round(sum(later) / max(1, len(later)), 4)}


def cold_start(clients, times):
    """From the making of a client to its first answer; over the distance, TLS and the request take a round trip each."""
    found = {}
    with Distance(clients.server.steady, ROUND_TRIP_MS / 2000) as far:
        for name in ("floor", "beast_timeouts", "doks"):
            near_us = [clients.run(name, 1, 1)["first_us"] for _ in range(times)]
            far_us = [clients.run(name, 1, 1, port=far.port)["first_us"] for _ in range(times)]
            found[name] = {"near_ms": round(statistics.median(near_us) / 1e3, 2),
                           "far_ms": round(statistics.median(far_us) / 1e3, 2)}
    found["round_trip_ms"] = ROUND_TRIP_MS
    found["beyond_round_trips_ms"] = round(found["doks"]["far_ms"] - 2 * ROUND_TRIP_MS, 2)
    return found


def deadlines(clients, calls, times):
    """On all cores, for the program has threads and a server of its own; the median of the runs."""
    command = [str(clients.build / "bench/bench_deadline_overshoot"), str(calls)]
    runs = [json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout)
            for _ in range(times)]
    return sorted(runs, key=lambda run: run["deadline_overshoot_p999_ms"])[times // 2]


def compile_seconds(source, include):
    compiler = shlex.split(os.environ.get("CXX", "g++"))
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "user.cpp")
        file.write_text(source)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*compiler, "-std=c++20", "-O2", "-I", str(include), "-c", str(file), "-o", "/dev/null"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def compile_time(top, times):
    """CPU seconds of a file that includes the SDK, and of one with the two headers of Asio that it needs at least."""
    bare = "#include <boost/asio/any_completion_handler.hpp>\n#include <boost/asio/awaitable.hpp>\n"
    pairs = [(compile_seconds("#include <doks/doks.hpp>\n", top / "include"), compile_seconds(bare, top / "include"))
             for _ in range(times)]
    return {"doks_s": round(statistics.median(pair[0] for pair in pairs), 2),
            "asio_s": round(statistics.median(pair[1] for pair in pairs), 2),
            "ratio": round(statistics.median(pair[0] / pair[1] for pair in pairs), 2)}
