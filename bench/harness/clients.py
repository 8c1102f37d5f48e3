"""The clients of the comparison, and how one run of one of them is started."""

import json
import os
import pathlib
import shutil
import subprocess

BENCH = pathlib.Path(__file__).resolve().parent.parent
ORDER = ["floor", "prototype", "beast", "beast_timeouts", "curl", "doks", "doks_gated", "godo", "undici"]


def cores():
    """One for the client, one for the server; none where there is a single one."""
    here = sorted(os.sched_getaffinity(0))
    return (here[0], here[1]) if len(here) > 1 and shutil.which("taskset") else (None, None)


def build_godo(build):
    sources = pathlib.Path("/usr/share/gocode")
    if shutil.which("go") is None or not (sources / "src/github.com/digitalocean/godo").is_dir():
        return None
    program = build / "bench/peers/godo"
    program.parent.mkdir(parents=True, exist_ok=True)
    how = dict(os.environ, GO111MODULE="off", GOPATH=str(sources), GOCACHE=str(build / "bench/go-cache"), GOFLAGS="")
    made = subprocess.run(["go", "build", "-o", str(program), str(BENCH / "peers/godo/main.go")], env=how, timeout=600)
    return [str(program)] if made.returncode == 0 else None


def set_up_undici(build):
    """Node's own https agent stands in where the package cannot be had; the program names itself accordingly."""
    if shutil.which("node") is None:
        return None
    folder = build / "bench/peers/undici"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("main.mjs", "package.json", "package-lock.json"):
        shutil.copy(BENCH / "peers/undici" / name, folder / name)
    if shutil.which("npm") and not (folder / "node_modules/undici").is_dir():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, timeout=300,
                       stdout=subprocess.DEVNULL)
    return ["node", str(folder / "main.mjs")]


class Clients:
    """What can run here, by name."""

    def __init__(self, build, server, core):
        self.build, self.server, self.core = build, server, core
        built = {name: build / "bench/peers" / name for name in ORDER}
        self.commands = {name: [str(path)] for name, path in built.items() if path.is_file() and name != "godo"}
        for name, command in (("godo", build_godo(build)), ("undici", set_up_undici(build))):
            if command:
                self.commands[name] = command
        self.names = [name for name in ORDER if name in self.commands]

    def arguments(self, name, connections, requests, port=None):
        return [*self.commands[name], "--server", f"127.0.0.1:{port or self.server.steady}", "--ca", str(self.server.ca),
                "--path", self.server.path, "--token", "none", "--connections", str(connections),
                "--requests", str(requests)]

    def run(self, name, connections, requests, port=None, under=()):
        """One run's figures; `under` is a program that watches it."""
        return self.start(self.arguments(name, connections, requests, port), under)

    def start(self, command, under=()):
        pinned = ["taskset", "-c", str(self.core)] if self.core is not None else []
        ended = subprocess.run([*pinned, *under, *command], capture_output=True, text=True, timeout=600)
        lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
        if ended.returncode != 0 or not lines:
            raise RuntimeError(f"{command[0]} failed ({ended.returncode}): {ended.stderr[-2000:]}")
        figures = [json.loads(line) for line in lines]
        return figures[0] if len(figures) == 1 else figures
