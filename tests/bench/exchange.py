# SPDX-License-Identifier: Apache-2.0
"""The exchange service beside the same service as stock c_glib has it: bench_exchange asks a `pt2 serve`, and
bench_exchange_stock sends the same programs as generated types over c_glib's framed transport, in one run."""
import json
import os
import shutil
import subprocess

from generate import write_program
from sparse_archive import write_archive

STOCK_NODES = (250, 500, 1000)  # its transports move what is left at every read: larger ones do not end
TENSOR = 10_000_000_000
FQN = "layers.0.block.0.weight"


def line_of(*words):
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=600).stdout)


def row(what, target, measured, fine):
    return {"what": what, "target": target, "value": measured, "measured": measured, "ok": fine}


class Exchange:
    """A server over a folder of its own, for one measurement after the other."""

    def __init__(self, build, work, address):
        self.programs, self.models = os.path.join(build, "tests", "bench"), os.path.join(work, "models")
        self.pt2 = os.path.join(build, "tools", "pt2")
        os.makedirs(self.models, exist_ok=True)
        self.server = subprocess.Popen([self.pt2, "serve", address, self.models, "-q"], stdout=subprocess.PIPE)
        self.address = self.server.stdout.readline().decode().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
        self.server.stdout.close()

    def ask(self, what, *words):
        return line_of(os.path.join(self.programs, "bench_exchange"), what, self.address, *words)

    def memory(self):
        """MB of the server, all of them and its own."""
        with open(f"/proc/{self.server.pid}/status", encoding="ascii") as lines:
            kib = {key: int(rest.split()[0]) for key, rest in (line.split(":", 1) for line in lines) if key in ("VmRSS", "RssAnon")}
        return kib["VmRSS"] * 1024 / 1e6, kib["RssAnon"] * 1024 / 1e6


def fetch_rows(service, name, source, rounds):
    shutil.copy(source, os.path.join(service.models, name))
    said = service.ask("program", name, str(rounds))
    speed = said["received_mb_s"]
    yield row(f"fetch, {name}, {said['bytes'] / 1e6:.1f} MB of compact", "≥ 300 MB/s",
              f"{speed:.0f} MB/s; {said['loaded_mb_s']:.0f} MB/s with loading", speed >= 300)


def stock_rows(service, work):
    speeds = {}
    for nodes in STOCK_NODES:
        text, compact = os.path.join(work, f"stock-{nodes}.json"), os.path.join(work, f"stock-{nodes}.thrift")
        write_program("dense", nodes, text)
        subprocess.run([service.pt2, "convert", text, compact, "-f"], check=True)
        shutil.copy(text, service.models)
        stock = line_of(os.path.join(service.programs, "bench_exchange_stock"), os.path.join(work, "stock"), compact, "2")
        ours = service.ask("program", os.path.basename(text), "20")
        speeds[nodes] = stock["mb_s"], ours["loaded_mb_s"]
    shown = ", ".join(f"{nodes} nodes: {ours:.0f} to {stock:.2f} MB/s" for nodes, (stock, ours) in speeds.items())
    least = min(ours / stock for stock, ours in speeds.values())
    yield row("fetch into structures, beside stock c_glib", "≥ 5×", f"{least:.0f}× and more ({shown})", least >= 5)


def tensor_row(service):
    write_archive(os.path.join(service.models, "sparse.pt2"), 1, TENSOR)
    speed = service.ask("tensor", "sparse.pt2", FQN)["mb_s"]
    whole, own = service.memory()
    yield row("a sparse tensor of 10 GB, loopback, first time", "≥ 1000 MB/s, ≤ 64 MB",
              f"{speed:.0f} MB/s, {whole:.1f} MB of the server's memory ({own:.1f} MB its own)", speed >= 1000 and whole <= 64)


def load_row(service, seconds):
    said = service.ask("load", "real.json", str(seconds), "16")
    p99 = said["describe_p99_us"] / 1000
    yield row("16 clients: p99 of describe", "< 20 ms", f"{p99:.2f} ms, {said['calls']} calls, {said['errors']} errors",
              p99 < 20 and said["errors"] == 0)


def all_rows(build, work, sizes, quick):
    """Rows for the table of targets; none if the programs are not built."""
    needed = [os.path.join(build, "tests", "bench", name) for name in ("bench_exchange", "bench_exchange_stock")]
    if not all(os.access(path, os.X_OK) for path in needed + [os.path.join(build, "tools", "pt2")]):
        return []
    rows = []
    with Exchange(build, work, os.path.join(work, "exchange.socket")) as service:
        for name in sizes:
            rows += fetch_rows(service, name + ".json", os.path.join(work, name + ".json"), 3)
        rows += stock_rows(service, work)
        if "real" in sizes:
            rows += load_row(service, 2 if quick else 10)
    with Exchange(build, work, "tcp:127.0.0.1:0") as service:
        rows += tensor_row(service)
    return rows
