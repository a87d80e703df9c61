#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the command on whole files: archives beside cp and openssl, differences and upgrades of programs.

    files.py [--build DIR] [--folder DIR] [--gigabytes 2] [--rounds 3] [--only archives,diff,programs,upgrade] [--markdown]

Needs a build of type release, and twice the gigabytes of disk. Peers take turns; a ratio is the median over the rounds
of the two times of one round. Timings are no tests: the exit status is 0 whatever they are.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from generate import write_program
from sparse_archive import write_archive

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/command"))
from programs import Editor  # noqa: E402


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.pt2 = os.path.join(options.build, "tools", "pt2")
        self.rows = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def row(self, what, target, measured, reached=None):
        self.rows.append((what, target, measured, {True: "ok", False: "NO", None: ""}[reached]))
        print(*self.rows[-1], sep="  ", file=sys.stderr, flush=True)

    def seconds(self, command, out=None):
        """Wall clock of one run of a shell command, OUT taken away before it."""
        if out is not None and os.path.exists(out):
            os.unlink(out)
        begun = time.monotonic()
        subprocess.run(["sh", "-c", command], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begun

    def turns(self, *commands, out=None):
        """For each command its times, one a round; the first round warms up."""
        times = [[self.seconds(command, out) for command in commands] for _ in range(self.options.rounds + 1)][1:]
        return list(zip(*times))

    @staticmethod
    def ratio(ours, theirs):
        return statistics.median(b / a for a, b in zip(ours, theirs))

    def rate(self, times, size):
        return f"{size / statistics.median(times) / 1e9:.2f} GB/s"


def usage(command):
    """Seconds, and KiB at most in memory, of one run that may end with status 1."""
    begun = time.monotonic()
    with open(os.devnull, "w", encoding="ascii") as nowhere:
        process = subprocess.Popen(command, stdout=nowhere)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss


def measure_copies(bench):
    """A rewrite of a large archive beside a copy of it: with both flushed to the disk, and with neither."""
    source, out = bench.path("large.pt2"), bench.path("out.pt2")
    n_bytes = 32 << 20
    write_archive(source, int(bench.options.gigabytes * (1 << 30)) // n_bytes, n_bytes, os.urandom)
    size = os.path.getsize(source)
    subprocess.run(["sync", source], check=True)
    for how, ours, theirs in (
            ("flushed", f"{bench.pt2} convert {source} {out}", f"cp --reflink=never {source} {out} && sync {out}"),
            ("not flushed", f"{bench.pt2} convert {source} - --to=pt2 > {out}", f"cp --reflink=never {source} {out}")):
        mine, copies = bench.turns(ours, theirs, out=out)
        ratio = bench.ratio(mine, copies)
        bench.row(f"rewrite of {size / 1e9:.1f} GB, {how}", "≥ 0.8 × cp",
                  f"{ratio:.2f} × ({bench.rate(mine, size)} to {bench.rate(copies, size)})", ratio >= 0.8)
    os.unlink(out)
    measure_hashes(bench, source, size)
    os.unlink(source)


def measure_hashes(bench, source, size):
    one = f"{bench.pt2} tensors --sha256 --json --no-progress"
    mine, two, theirs = bench.turns(f"{one} --threads=1 {source}", f"{one} --threads=2 {source}",
                                    f"openssl dgst -sha256 {source}")
    ratio, scaling = bench.ratio(mine, theirs), bench.ratio(two, mine)
    bench.row("tensors --sha256, one thread", "≥ 0.8 × openssl dgst",
              f"{ratio:.2f} × ({bench.rate(mine, size)} to {bench.rate(theirs, size)})", ratio >= 0.8)
    bench.row("tensors --sha256, two threads", "–", f"{scaling:.2f} × one thread ({bench.rate(two, size)})")


def measure_sparse(bench):
    source = bench.path("sparse.pt2")
    # By a process of its own: the memory of whoever starts a process counts as that process's.
    subprocess.run([sys.executable, str(ROOT / "tests/bench/sparse_archive.py"), source], check=True)
    runs = [usage([bench.pt2, "info", source]) for _ in range(bench.options.rounds)]
    seconds, memory = statistics.median(run[0] for run in runs), max(run[2] for run in runs) / 1024
    bench.row(f"info of {os.path.getsize(source) / 1e9:.0f} GB, 100,000 tensors", "< 1 s, < 200 MB",
              f"{seconds:.2f} s, {memory:.0f} MB", seconds < 1 and memory < 200)
    os.unlink(source)


def measure_open(bench):
    """Opening in one's own process: 10 GB; and what comes from the disk, whatever the weights take."""
    tool = os.path.join(bench.options.build, "tests", "bench", "bench_open")
    if not os.path.exists(tool):
        bench.row("open, in-process", "< 10 ms", "no bench_open: configure with -Dbench=true")
        return

    def opened(path, *words):
        shown = subprocess.run([tool, path, *words], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
        return float(shown[0]), int(shown[1]), int(shown[2])

    source = bench.path("open.pt2")
    write_archive(source, 300, 10 * (1 << 30) // 300)
    milliseconds, n, _ = opened(source, "31")
    bench.row(f"open of {os.path.getsize(source) / 1e9:.0f} GB, {n} tensors, in-process", "< 10 ms", f"{milliseconds:.2f} ms",
              milliseconds < 10)
    found = []
    for n_bytes in (64 << 10, 4 << 20):
        write_archive(source, 300, n_bytes, os.urandom)
        found.append((os.path.getsize(source), *opened(source, "5", "cold")))
    os.unlink(source)
    (small, _, _, few), (large, cold, _, many) = found
    bench.row("bytes from the disk, 300 tensors", "independent of the weights",
              f"{few / 1e6:.2f} MB of {small / 1e6:.0f} MB, {many / 1e6:.2f} MB of {large / 1e6:.0f} MB ({cold:.1f} ms)",
              many < 1.25 * few + (1 << 18))


def measure_diff(bench):
    """Loading two programs of 10,000 nodes and finding fifty changes, the whole process."""
    old, new = bench.path("old.json"), bench.path("new.json")
    write_program("dense", 10_000, old)
    with open(old, encoding="ascii") as text:
        editor = Editor(json.load(text), 7)
    for _ in range(50):
        editor.change()
    with open(new, "w", encoding="ascii") as text:
        json.dump(editor.program, text)
    found = subprocess.run([bench.pt2, "diff", "--json", old, new], stdout=subprocess.PIPE, check=False).stdout
    n = len(json.loads(found)["changes"])
    runs = [usage([bench.pt2, "diff", "--stat", old, new]) for _ in range(3 * bench.options.rounds)]
    seconds, busy = (statistics.median(run[i] for run in runs) for i in (0, 1))
    bench.row("diff of two 10k-node programs with 50 changes", "< 100 ms, 50 changes",
              f"{1000 * seconds:.0f} ms ({1000 * busy:.0f} ms of processor), {n} changes", seconds < 0.1 and n == 50)


def measure_programs(bench):
    """What is asked of a program by itself, the whole process each: 10,000 nodes of a stack of layers, in compact."""
    text, compact, out = bench.path("real.json"), bench.path("real.thrift"), bench.path("out.thrift")
    write_program("real", 10_000, text, str(ROOT / "tests/corpus/torch-2.15.0/gpt_24l.pt2"))
    subprocess.run([bench.pt2, "convert", "-f", text, compact], check=True)

    def milliseconds(*words):
        runs = [usage([bench.pt2, *words]) for _ in range(3 * bench.options.rounds)]
        return [1000 * statistics.median(run[i] for run in runs) for i in (0, 1)]

    seen = {name: milliseconds(*words) for name, *words in (
        ("info", "info", compact), ("verify", "verify", compact), ("hash", "hash", compact),
        ("canon", "canon", "-f", compact, out), ("strip", "strip", "-q", "-f", "--all-debug", compact, out))}
    size = os.path.getsize(compact) / 1e6
    both = sum(seen[name][0] for name in ("verify", "hash"))
    for name, (wall, busy) in seen.items():
        what = "info (reading it, for comparison)" if name == "info" else name
        bench.row(f"{what} of 10k nodes, {size:.0f} MB compact", "–", f"{wall:.0f} ms ({busy:.0f} ms of processor)")
    bench.row("verify + hash of 10k nodes, two processes", "–", f"{both:.0f} ms")
    measure_loaded(bench, text)


def measure_loaded(bench, real):
    """The same of programs that are in memory already: of a stack of layers, and one whose nodes are all different."""
    tool = os.path.join(bench.options.build, "tests", "bench", "bench_pt2")
    if not os.path.exists(tool):
        bench.row("verify + hash, in memory", "< 20 ms", "no bench_pt2: configure with -Dbench=true")
        return
    dense, bare = bench.path("dense.json"), bench.path("bare.json")
    write_program("dense", 10_000, dense)
    subprocess.run([bench.pt2, "strip", "-q", "-f", "--all-debug", real, bare], check=True)
    for name, path in (("dense", dense), ("a stack of layers, without debug text", bare)):
        seen = {}
        for what in ("verify", "hash", "trust"):
            shown = subprocess.run([tool, what, path, "1"], stdout=subprocess.PIPE, check=True).stdout
            seen[what] = 1000 * json.loads(shown)["median_seconds"]
        bench.row(f"verify + hash of 10k nodes, in memory, {name}", "< 20 ms",
                  f"{seen['trust']:.1f} ms (verify {seen['verify']:.1f}, hash {seen['hash']:.1f})", seen["trust"] < 20)


def renamed(value, names, suffix):
    """VALUE with SUFFIX behind each name of a value that is in NAMES."""
    if isinstance(value, list):
        return [renamed(item, names, suffix) for item in value]
    if isinstance(value, dict):
        return {key: item + suffix if key == "name" and item in names else renamed(item, names, suffix)
                for key, item in value.items()}
    return value


def repeat(program, n_nodes):
    """PROGRAM, of any schema, with its nodes again and again until there are N_NODES: each copy reads the same inputs."""
    graph = program["graph_module"]["graph"]
    nodes, values = list(graph["nodes"]), graph["tensor_values"]
    given = {tensor["name"] for tensor in (item["as_tensor"] for item in graph["inputs"])}
    made = {name: value for name, value in values.items() if name not in given}
    for i in range(1, n_nodes // len(nodes) + 1):
        graph["nodes"].extend(renamed(nodes, made, f"_{i}"))
        values.update({f"{name}_{i}": value for name, value in made.items()})
    return program


def measure_upgrade(bench):
    """Upgrading a loaded program of an older release; and reading, upgrading and writing it, the whole process."""
    old, new = bench.path("older.json"), bench.path("newer.json")
    tool = os.path.join(bench.options.build, "tests", "bench", "bench_pt2")
    for release in ("2.1.2", "2.3.1", "2.5.1"):
        sample = str(ROOT / f"tests/corpus/torch-{release}/mlp.pt2")
        text = subprocess.run([bench.pt2, "cat", sample, "serialized_exported_program.json"], stdout=subprocess.PIPE, check=True)
        program = repeat(json.loads(text.stdout), 10_000)
        with open(old, "w", encoding="ascii") as out:
            json.dump(program, out)
        n, size = len(program["graph_module"]["graph"]["nodes"]), os.path.getsize(old)
        runs = [usage([bench.pt2, "convert", "-f", "--schema=8.20", old, new]) for _ in range(3 * bench.options.rounds)]
        whole = f"{1000 * statistics.median(run[0] for run in runs):.0f} ms"
        if os.path.exists(tool):
            shown = subprocess.run([tool, "upgrade", old, "2"], stdout=subprocess.PIPE, check=True).stdout
            seconds = json.loads(shown)["median_seconds"]
            bench.row(f"upgrade of {n:,} nodes of PyTorch {release}", "< 100 ms",
                      f"{1000 * seconds:.0f} ms; {whole} with reading {size / 1e6:.0f} MB and writing", seconds < 0.1)
        else:
            bench.row(f"upgrade of {n:,} nodes of PyTorch {release}, whole process", "–", whole)


def show(bench):
    head = ("what", "target", "measured", "ok")
    if bench.options.markdown:
        print(*["| " + " | ".join(row) + " |" for row in (head, ("---",) * 4, *bench.rows)], sep="\n")
    else:
        print(*["  ".join(row) for row in (head, *bench.rows)], sep="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build"))
    parser.add_argument("--folder", help="where the large files go; a temporary folder unless told")
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="archives,diff,programs,upgrade")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(options, folder)
        if "diff" in options.only.split(","):
            measure_diff(bench)
        if "programs" in options.only.split(","):
            measure_programs(bench)
        if "upgrade" in options.only.split(","):
            measure_upgrade(bench)
        if "archives" in options.only.split(","):
            measure_sparse(bench)
            measure_open(bench)
            measure_copies(bench)
        show(bench)


if __name__ == "__main__":
    main()
