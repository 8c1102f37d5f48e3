"""Results as a table for a terminal, and as Markdown for the README."""

RATIO_NAMES = {"cpu_vs_floor": "the floor", "cpu_vs_prototype": "the prototype", "cpu_vs_beast": "Beast with timeouts",
               "cpu_vs_lean_beast": "Beast without timeouts", "cpu_vs_curl": "libcurl", "cpu_vs_godo": "godo",
               "cpu_vs_undici": "undici"}


def percent(share):
    return f"{100 * share:.1f} %"


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def clients_table(results):
    yield row("client", "CPU µs, 1 connection", "CPU µs, 16", "requests/s, 16", "p50 µs, 1", "p99 µs, 1")
    yield "|---|---|---|---|---|---|"
    one, many = results["clients"]["1"], results["clients"]["16"]
    for name in many:
        cost = many[name]["cpu_us"]
        yield row(many[name]["name"].replace("_", " "), f"{one[name]['cpu_us']['median']:.1f}",
                  f"{cost['median']:.1f} ({cost['min']:.1f} to {cost['max']:.1f})",
                  f"{many[name]['requests_per_second']:,.0f}", f"{one[name]['p50_us']:.0f}", f"{one[name]['p99_us']:.0f}")


def ratios_table(results):
    yield row("CPU of doks, divided by that of", "1 connection", "16 connections")
    yield "|---|---|---|"
    shown = {count: results["ratios"][count] for count in ("1", "16")}
    for key, name in RATIO_NAMES.items():
        if key in shown["16"]:
            yield row(name, *(f"{of[key]['median']:.2f} ({of[key]['min']:.2f} to {of[key]['max']:.2f})"
                              for of in shown.values()))


def counts_table(results):
    names = [name for name in results["clients"]["16"] if name in results["syscalls"]["16"]]
    yield row("client", "instructions, 16", "system calls, 1", "system calls, 16", "of these")
    yield "|---|---|---|---|---|"
    for name in names:
        one, many = (results["syscalls"][count][name] for count in ("1", "16"))
        named = ", ".join(f"{call} {value:.2f}" for call, value in list(many["by_name"].items())[:5])
        instructions = results["instructions"].get(name)
        yield row(name.replace("_", " "), f"{instructions:,}" if instructions else "", f"{one['total']:.2f}",
                  f"{many['total']:.2f}", named)


def single_figures(results):
    memory, cold, compiled = results["memory"], results["cold_start"], results["compile_time"]
    latency = results["ratios"]["1"]
    yield "heap allocations of a call, `co_await`", results["allocations_per_request"], "8"
    yield "p50 at one connection, divided by the floor's", latency["p50_vs_floor"]["median"], "1.25"
    yield "p99 at one connection, divided by Beast's with timeouts", latency["p99_vs_beast"]["median"], "1"
    yield f"memory of {memory['ids']:,} ids over that of 1,000, MiB", memory["rss_growth_mib"], memory["allowed_mib"]
    yield "CPU of an id among that many, divided by that among 1,000", memory["cpu_growth_with_ids"], "1"
    yield "memory of an idle connection, KiB", round(memory["bytes_per_idle_connection"] / 1024, 1), "64"
    yield "reconnects that resume a session", percent(results["resumption_rate"]), "95 % at least"
    yield "first answer beyond its round trips, ms", cold["beyond_round_trips_ms"], "5"
    yield "the same, of the floor, ms", round(cold["floor"]["far_ms"] - 2 * cold["round_trip_ms"], 2), ""
    yield "how late a deadline ends a call, p99.9, ms", results["deadline_overshoot_p999_ms"], "5"
    yield "compiling `doks/doks.hpp`, divided by two headers of Asio", compiled["ratio"], "2"


def growth_table(results):
    yield row("connections", "CPU of doks, divided by the prototype's", "doks, µs", "prototype, µs")
    yield "|---|---|---|---|"
    for count, of in results["curve"].items():
        found = results["growth"].get(count)
        if found:
            yield row(count, f"{found['median']:.2f} ({found['min']:.2f} to {found['max']:.2f})",
                      f"{of['doks']['cpu_us']['median']:.1f}", f"{of['prototype']['cpu_us']['median']:.1f}")


def markdown(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    yield f"Measured on {machine['cores']} cores of {machine['processor']}, Linux {machine['kernel']}; {versions}."
    yield f"Load before the run: {machine['load_before']}. Rounds: {results['settings']['rounds']}; medians, least and most."
    for table in (clients_table, ratios_table, counts_table, growth_table):
        yield ""
        yield from table(results)
    yield ""
    yield row("question", "doks", "target")
    yield "|---|---|---|"
    for name, value, target in single_figures(results):
        yield row(name, value, target)
