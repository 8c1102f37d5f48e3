"""Throughput and CPU against connections, drawn by gnuplot."""

import pathlib
import shutil
import subprocess
import tempfile

SCRIPT = """
set terminal {terminal}
set output "{output}"
set title "{title}"
set xlabel "connections"
set ylabel "{axis}"
set logscale x 2
set xtics ({tics})
set xrange [0.9:{widest}]
{scale}
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror
set key outside right top
set datafile missing "-"
plot {lines}
"""

COLOURS = {"floor": "#999999", "prototype": "#666666", "beast": "#56b4e9", "beast_timeouts": "#0072b2", "curl": "#e69f00",
           "doks": "#d55e00", "godo": "#009e73", "undici": "#cc79a7"}
TERMINALS = {"svg": 'svg size 840,480 font "sans,13" background "white"',
             "png": 'pngcairo size 1260,720 font "sans,16"'}


def draw_one(curve, folder, name, title, axis, value, scale):
    counts = sorted(curve, key=int)
    shown = [client for client in COLOURS if any(client in curve[count] for count in counts)]
    with tempfile.TemporaryDirectory() as scratch:
        for client in shown:
            rows = [(count, value(curve[count][client])) for count in counts if client in curve[count]]
            pathlib.Path(scratch, client).write_text("".join(f"{count} {y}\n" for count, y in rows))
        lines = ", ".join(f'"{scratch}/{client}" with linespoints pt 7 ps 0.6 lw {3 if client == "doks" else 1.5} '
                          f'lc rgb "{COLOURS[client]}" title "{client.replace("_", " ")}"' for client in shown)
        for ending, terminal in TERMINALS.items():
            script = SCRIPT.format(terminal=terminal, output=folder / f"{name}.{ending}", title=title, axis=axis, lines=lines,
                                   tics=", ".join(counts), widest=1.2 * int(counts[-1]), scale=scale)
            subprocess.run(["gnuplot"], input=script, text=True, check=True)


def draw(curve, folder):
    if shutil.which("gnuplot") is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    draw_one(curve, folder, "throughput", "Throughput of one thread over pooled TLS 1.3", "requests per second",
             lambda of: of["requests_per_second"], "set yrange [0:*]")
    draw_one(curve, folder, "cpu", "CPU of the client for one request", "user and system time, µs (logarithmic)",
             lambda of: of["cpu_us"]["median"], "set logscale y 2")
