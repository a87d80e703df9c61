#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Symbolic expressions: libpt2 beside SymPy, in one run and in turns, on the expressions of real programs.

    bench_sym.py BENCH_SYM TORCH_PYTHON FOLDER_OF_PROGRAMS [SECONDS]

TORCH_PYTHON is a Python with PyTorch 2.15 and SymPy: it runs this file again as the peer. Timings are no tests.
"""
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile


def programs(folder):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.endswith(".json"):
                        yield archive.read(name).decode("utf-8", "replace")


def expressions(folder):
    """Every different expr_str of the programs, in the order found."""
    found = {}
    for text in programs(folder):
        for quoted in re.findall(r'"expr_str": ("(?:[^"\\]|\\.)*")', text):
            found[json.loads(quoted)] = None
    return list(found)


def peer(path, seconds):
    """What PyTorch's reader does with each: sympify with torch's functions."""
    import sympy
    from torch._export.serde.serialize import GraphModuleDeserializer
    names = GraphModuleDeserializer({}, None).sympy_functions if hasattr(GraphModuleDeserializer, "sympy_functions") else {}
    if not names:
        import torch.utils._sympy.functions as functions
        names = {name: getattr(functions, name) for name in functions.__all__ if name not in ("Max", "Min")}
    with open(path, encoding="utf-8") as file:
        texts = file.read().splitlines()
    times, begin = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        for text in texts:
            sympy.sympify(text, locals=dict(names))
        times.append(time.perf_counter() - start)
    print(json.dumps({"median_seconds": statistics.median(times), "expressions": len(texts)}))


def run(*command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main(bench, python, folder, seconds="2"):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        texts = expressions(folder)
        file.write("\n".join(texts))
        file.flush()
        rounds = []
        for _ in range(3):
            theirs = run(python, __file__, "--peer", file.name, seconds)["median_seconds"]
            own, pool = (run(bench, what, file.name, seconds)["median_seconds"] for what in ("read", "pool"))
            rounds.append((theirs, own, pool))
        nodes = run(bench, "evaluate", file.name, seconds)
    theirs, own, pool = (statistics.median(column) for column in zip(*rounds))
    count = len(texts)
    print(f"{count} expressions: sympify {theirs / count * 1e6:.1f} µs each, libpt2 {own / count * 1e6:.2f} µs "
          f"({theirs / own:.0f} times as fast; wanted: 200), in one pool {pool / count * 1e6:.2f} µs ({theirs / pool:.0f} times)")
    print(f"evaluation: {nodes['bytes'] / nodes['median_seconds'] / 1e6:.1f} million nodes a second (wanted: 10)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peer"]:
        peer(sys.argv[2], float(sys.argv[3]))
    elif len(sys.argv) in (4, 5):
        main(*sys.argv[1:])
    else:
        sys.exit(__doc__)
