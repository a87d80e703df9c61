# SPDX-License-Identifier: Apache-2.0
"""The graph: program to graph and back (bench_graph), beside PyTorch's own deserializer for the same file, and drawings.

Nodes are calls of the file. PyTorch's share is GraphModuleDeserializer.deserialize(), given the structures that it has
made of the JSON before: no file is read, no weights are there, and the verifier does not run.
"""
import json
import os
import shutil
import statistics
import subprocess
import time

from generate import write_program
from peers import HERE

LIMIT_SECONDS = 60  # for Graphviz


def row(what, target, measured, text, reached):
    return {"what": what, "target": target, "value": measured, "measured": text, "ok": reached}


def ours(build, what, path, seconds):
    program = os.path.join(build, "tests", "bench", "bench_graph")
    return json.loads(subprocess.run([program, what, path, str(seconds)], stdout=subprocess.PIPE, check=True).stdout)


def torch_seconds(python, path):
    """One turn of PyTorch's, warm; None if it refuses the program, as it does made-up ones."""
    script = os.path.join(HERE, "bench_python.py")
    done = subprocess.run([python, script, "torch", "graph", path, "1"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1])["median_seconds"] if done.returncode == 0 else None


def median_of(lines, key="median_with_release"):
    return statistics.median(line[key] for line in lines)


def speed_rows(build, work, sizes, options):
    """The rows, and the seconds of `through` a node by corpus."""
    a_node = {}
    for name in sizes:
        path = os.path.join(work, name + ".json")
        lines = {what: [] for what in ("graph", "through")}
        for _ in range(2 if sizes[name] > 10**5 else options.rounds):
            for what, found in lines.items():
                found.append(ours(build, what, path, options.seconds))
        line, calls = lines["graph"][0], lines["graph"][0]["bytes"]
        speed = calls / median_of(lines["graph"]) / 1e6
        text = f"{speed:.1f} million ({speed * line['graph_nodes'] / calls:.1f} million nodes of the graph)"
        goal = name in ("dense-1k", "dense-10k")
        yield row(f"program to graph, {name}", "≥ 5 million nodes a second" if goal else "–", speed, text,
                  speed >= 5 if goal else None)
        memory = line["graph_bytes"] / line["graph_nodes"]
        yield row(f"memory of the graph, {name}", "≤ 200 bytes a node", memory, f"{memory:.0f}", memory <= 200)
        seconds = median_of(lines["through"])
        a_node[name] = min(one["best"] for one in lines["through"]) / calls
        goal = name == "dense-1M"
        yield row(f"program to graph to program, {name}", "< 2 s" if goal else "–", seconds,
                  f"{seconds:.2f} s" if goal else f"{seconds * 1000:.2f} ms", seconds < 2 if goal else None)
    dense = {name: one for name, one in a_node.items() if name.startswith("dense")}
    if len(dense) > 1:
        shown = ", ".join(f"{name} {one * 1e9:.0f} ns" for name, one in dense.items())
        yield row("program to graph to program, a node", "linear", max(dense.values()), shown, None)


def torch_row(build, work, python, rounds):
    """Turns on one file: ours, PyTorch's, ours, …"""
    path, turns = os.path.join(work, "real.json"), []
    for _ in range(max(2, min(rounds, 3))):
        turns.append((median_of([ours(build, "graph", path, 0.2)]), torch_seconds(python, path)))
    if any(theirs is None for _, theirs in turns):
        return row("program to graph, real", "≥ 100× PyTorch", None, "not measured", None)
    ratio = statistics.median(theirs / one for one, theirs in turns)
    one, theirs = turns[0]
    return row("program to graph, real", "≥ 100× PyTorch", ratio,
               f"{ratio:.0f}× ({one * 1e6:.0f} µs to {theirs * 1e3:.0f} ms)", ratio >= 100)


# ---- drawings ----

def seconds_of(command, out, timeout=None):
    begun = time.monotonic()
    with open(out, "wb") as to:
        subprocess.run(command, stdout=to, check=True, timeout=timeout)
    return time.monotonic() - begun


def drawing_rows(build, work, sample):
    """A stack of equal layers, of 10,000 nodes: made as DOT, then drawn, at each depth."""
    text, program = os.path.join(work, "layers.json"), os.path.join(work, "layers.thrift")
    dot, drawn = os.path.join(work, "layers.dot"), os.path.join(work, "layers.svg")
    pt2 = os.path.join(build, "tools", "pt2")
    write_program("real", 5050, text, sample)
    subprocess.run([pt2, "convert", text, program, "-f"], check=True)
    for depth in ("none given", "99", "1", "2"):
        command = [pt2, "graph", program, "--format=dot"] + ([f"--depth={depth}"] if depth.isdigit() else [])
        made = statistics.median(seconds_of(command, dot) for _ in range(5))
        with open(dot, encoding="utf-8") as lines:
            boxes = sum("[label=" in line for line in lines)
        goal = depth == "99"
        yield row(f"DOT of 10,000 nodes, depth {depth}", "< 100 ms" if goal else "–", made,
                  f"{made * 1000:.0f} ms, {boxes} boxes", made < 0.1 if goal else None)
        if shutil.which("dot") and depth != "99":
            try:
                took = seconds_of(["dot", "-Tsvg", dot], drawn, LIMIT_SECONDS)
                yield row(f"drawn by Graphviz, depth {depth}", "< 10 s", took, f"{took:.2f} s", took < 10)
            except subprocess.TimeoutExpired:
                yield row(f"drawn by Graphviz, depth {depth}", "< 10 s", None, f"> {LIMIT_SECONDS} s", False)


def all_rows(build, work, sizes, options):
    """Rows for the table of targets; none if the programs are not built."""
    needed = [os.path.join(build, "tests", "bench", "bench_graph"), os.path.join(build, "tools", "pt2")]
    if not all(os.access(path, os.X_OK) for path in needed):
        return []
    rows = list(speed_rows(build, work, sizes, options))
    if options.torch_python and "real" in sizes:
        rows.append(torch_row(build, work, options.torch_python, options.rounds))
    return rows + list(drawing_rows(build, work, options.sample))
