"""Counts instead of times: system calls and instructions of a request, allocations of a call.

Each count is that of a long run less that of a short one, so that start and handshakes cancel out.
"""

import re
import shutil
import tempfile


def calls_by_name(text):
    """The table that `strace -c` writes."""
    rows = [line.split() for line in text.splitlines()]
    return {row[-1]: int(row[3]) for row in rows if len(row) >= 5 and re.fullmatch(r"[\d.]+", row[0]) and row[-1] != "total"}


def system_calls(clients, name, connections, requests):
    if shutil.which("strace") is None:
        return None
    seen = []
    for count in (requests, 3 * requests):
        with tempfile.NamedTemporaryFile("r") as table:
            clients.run(name, connections, count, under=["strace", "-f", "-c", "-S", "calls", "-o", table.name])
            seen.append(calls_by_name(table.read()))
    short, long = seen
    each = {call: (long.get(call, 0) - short.get(call, 0)) / (2 * requests) for call in long}
    named = {call: round(value, 3) for call, value in sorted(each.items(), key=lambda of: -of[1]) if value >= 0.005}
    return {"total": round(sum(each.values()), 2), "by_name": named}


def instructions(clients, name, connections, requests):
    if shutil.which("valgrind") is None:
        return None
    seen = []
    for count in (requests, 3 * requests):
        with tempfile.NamedTemporaryFile("r") as profile:
            clients.run(name, connections, count,
                        under=["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={profile.name}"])
            seen.append(int(re.search(r"^(?:totals|summary): (\d+)", profile.read(), re.MULTILINE).group(1)))
    return round((seen[1] - seen[0]) / (2 * requests))


def allocations(clients, calls):
    """Of a warm call with all its layers; the program has a server of its own."""
    program = clients.build / "bench/bench_call_cost"
    return {line["call"]: line["allocations"] for line in clients.start([str(program), str(calls)])}
